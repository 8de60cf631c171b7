import { strict as assert } from "node:assert";
import type { Audit } from "@onsale/contracts/audit";
import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { createContract } from "./contract.ts";

/** An answer that matches the OpenAPI document. */
export type Answer<T> = Readonly<{ status: number; headers: Headers; body: T }>;

type RequestOptions = Readonly<{ body?: unknown; rawBody?: string; headers?: Readonly<Record<string, string>> }>;

/** A purchase; by default one STANDARD ticket under a new key. */
export type PurchaseOptions = Readonly<{
  eventCode: string;
  ticketType?: string;
  quantity?: unknown;
  customerRef?: string;
  key?: string;
  strategy?: "optimistic" | "pessimistic";
  waitSeconds?: number;
}>;

let keyCount = 0;

/** An idempotency key that no other purchase of this run has. */
export function newKey(): string {
  return `key-${process.pid}-${Date.now().toString(36)}-${keyCount++}`;
}

/** Creates a client of a gateway. It fails when an answer does not match the gateway's own OpenAPI document. */
export function createApi(baseUrl: string, apiKey?: string) {
  const contract = createContract(baseUrl);

  async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    const { body, rawBody = body === undefined ? undefined : JSON.stringify(body) } = options;
    const headers = { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...options.headers };
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: rawBody === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(rawBody === undefined ? {} : { body: rawBody }),
    });
    const text = await response.text();
    const parsed = text === "" ? undefined : JSON.parse(text);
    await contract.check(method, path, response, parsed);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  const api = {
    baseUrl,
    request,
    get: <T>(path: string, headers: Readonly<Record<string, string>> = {}) => request<T>("GET", path, { headers }),
    post: <T>(path: string, body: unknown, headers = {}) => request<T>("POST", path, { body, headers }),
    patch: <T>(path: string, body: unknown) => request<T>("PATCH", path, { body }),
    put: <T>(path: string, body: unknown) => request<T>("PUT", path, { body }),
    delete: <T>(path: string) => request<T>("DELETE", path),

    /** Creates an event with stock and returns its code. */
    createEvent: async (totals: Readonly<Record<string, number>>, code = newKey()): Promise<string> => {
      const ticketTypes = Object.entries(totals).map(([ticketType, total]) => ({ ticketType, total }));
      const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
      const { status } = await api.post<Event>("/api/v1/events", { code, name: "A show", ...times, ticketTypes });
      assert.equal(status, 201);
      return code;
    },
    purchase: (options: PurchaseOptions): Promise<Answer<Order & Omit<Problem, "status">>> => {
      const { key = newKey(), strategy, waitSeconds, ticketType = "STANDARD", quantity = 1, ...rest } = options;
      const query = strategy === undefined ? "" : `?strategy=${strategy}`;
      const prefer = waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` };
      const headers = { "idempotency-key": key, ...prefer };
      return api.post(`/api/v1/orders/purchase${query}`, { ...rest, ticketType, quantity }, headers);
    },
    order: async (id: string) => (await api.get<Order>(`/api/v1/orders/${id}`)).body,
    inventory: async (code: string) => (await api.get<Inventory[]>(`/api/v1/inventory/${code}`)).body,
    audit: async (code: string) => (await api.get<Audit>(`/api/v1/events/${code}/audit`)).body,
    /** Fails unless every invariant of the event holds. */
    assertSound: async (code: string): Promise<Audit> => {
      const audit = await api.audit(code);
      assert.deepEqual(
        audit.checks.filter((check) => !check.ok),
        [],
      );
      return audit;
    },
    /** One value of the gateway's metrics, 0 when it is absent; `line` is the metric's name with its labels. */
    metric: async (line: string): Promise<number> => readMetric(`${baseUrl}/metrics`, line),
  };
  return api;
}

export type Api = ReturnType<typeof createApi>;

/** One value of a metrics page, 0 when it is absent; `line` is the metric's name with its labels. */
export async function readMetric(url: string, line: string): Promise<number> {
  const text = await (await fetch(url)).text();
  const found = text.split("\n").find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? 0);
}
