// Somebody who uses the admin service without a browser.
import { strict as assert } from "node:assert";
import type { Change } from "@onsale/admin/console/messages";
import { openStream, type StreamClient } from "../http/event-stream.ts";
import { type Environment, type Service, startAdmin } from "../services/services.ts";

export const adminPassword = "a password of the tests";

/** An admin service with its usual password; it is ended as cleanup.ts says. */
export function startAdminService(environment: Environment): Promise<Service> {
  return startAdmin({ ADMIN_PASSWORD: adminPassword, ...environment });
}

export type AdminAnswer = Readonly<{ status: number; headers: Headers; text: string }>;

export type AdminClient = Readonly<{
  cookie: string;
  get: <T>(path: string) => Promise<T>;
  /** As a page of the service itself would, unless the headers say otherwise. */
  send: (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<AdminAnswer>;
  watch: (query?: string) => Promise<StreamClient<Change>>;
}>;

/** Sends one request, without following redirects. */
export async function request(url: string, options: RequestInit = {}): Promise<AdminAnswer> {
  const response = await fetch(url, { redirect: "manual", ...options });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Tries to log in, as the form does. */
export function tryLogIn(baseUrl: string, password: string, user = "admin", headers = {}): Promise<AdminAnswer> {
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
      const answer = await request(`${baseUrl}${path}`, { headers: { cookie, accept: "application/json" } });
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      return JSON.parse(answer.text);
    },
    send: (method, path, extra = { origin }, body) => {
      const headersOf = { cookie, accept: "application/json", ...extra };
      const type = body === undefined ? {} : { "content-type": "application/json" };
      return request(`${baseUrl}${path}`, {
        method,
        headers: { ...headersOf, ...type },
        ...(body === undefined ? {} : { body }),
      });
    },
    watch: (query = "") => openStream<Change>(`${baseUrl}/api/stream${query}`, { cookie }),
  };
}
