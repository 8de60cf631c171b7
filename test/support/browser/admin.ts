// A client of the admin service without a browser.
import { strict as assert } from "node:assert";
import type { Change } from "@onsale/admin/console/messages/messages";
import { openStream, type StreamClient } from "../http/event-stream.ts";
import { type Environment, type Service, startAdmin } from "../services/services.ts";

export const adminPassword = "a password of the tests";

/** Starts an admin service with the password of the tests; cleanup.ts says when it is stopped. */
export function startAdminService(environment: Environment): Promise<Service> {
  return startAdmin({ ADMIN_PASSWORD: adminPassword, ...environment });
}

export type AdminResponse = Readonly<{ status: number; headers: Headers; text: string }>;

export type AdminClient = Readonly<{
  cookie: string;
  get: <T>(path: string) => Promise<T>;
  /** Sends a request as a page of the service would, unless `headers` differ. */
  send: (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<AdminResponse>;
  openStream: (query?: string) => Promise<StreamClient<Change>>;
}>;

/** Sends one request, without following redirects. */
export async function request(url: string, options: RequestInit = {}): Promise<AdminResponse> {
  const response = await fetch(url, { redirect: "manual", ...options });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Sends the login form. */
export function tryLogIn(baseUrl: string, password: string, user = "admin", headers = {}): Promise<AdminResponse> {
  return request(`${baseUrl}/login`, {
    method: "POST",
    body: new URLSearchParams({ user, password }),
    headers: { origin: new URL(baseUrl).origin, ...headers },
  });
}

export async function logIn(baseUrl: string, password = adminPassword): Promise<AdminClient> {
  const { status, headers } = await tryLogIn(baseUrl, password);
  assert.equal(status, 303);
  const [cookie = ""] = headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  const { origin } = new URL(baseUrl);
  return {
    cookie,
    get: async (path) => {
      const response = await request(`${baseUrl}${path}`, { headers: { cookie, accept: "application/json" } });
      assert.equal(response.status, 200, `${path}: ${response.text}`);
      return JSON.parse(response.text);
    },
    send: (method, path, extra = { origin }, body) => {
      const requestHeaders = { cookie, accept: "application/json", ...extra };
      if (body === undefined) return request(`${baseUrl}${path}`, { method, headers: requestHeaders });
      const withType = { ...requestHeaders, "content-type": "application/json" };
      return request(`${baseUrl}${path}`, { method, headers: withType, body });
    },
    openStream: (query = "") => openStream<Change>(`${baseUrl}/api/stream${query}`, { cookie }),
  };
}
