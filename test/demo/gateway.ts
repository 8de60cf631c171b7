// A client of the API for the crowd, over pooled connections. Purchases, reads and long polls have separate pools, so
// that a purchase never waits in this program for a connection that another kind of request uses.
import { CreatedAccessCode } from "@onsale/contracts/access-code";
import { Audit } from "@onsale/contracts/audit";
import { Event } from "@onsale/contracts/event";
import { Inventory } from "@onsale/contracts/inventory";
import { Change, Order } from "@onsale/contracts/order";
import { Problem } from "@onsale/contracts/problem";
import { Nullable } from "@onsale/contracts/text";
import { basePath } from "@onsale/contracts/values";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { type Dispatcher, errors, Pool } from "undici";

/** The answer to a purchase or to a read of an order. */
export type Answer =
  | Readonly<{ kind: "order"; order: Order; isReplayed: boolean }>
  | Readonly<{ kind: "unchanged" }>
  | Readonly<{ kind: "problem"; problem: Problem; retryAfterMs: number }>;

/** `waitSeconds` makes a long poll of the request; `signal` aborts it. */
export type RequestOptions = Readonly<{ waitSeconds?: number; signal?: AbortSignal }>;

/** The gateway refused a request that the demo itself made, not a buyer. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;
  /** Of the problem; undefined when the answer was none. */
  readonly code: string | undefined;
  /** From `Retry-After`; 0 without one. */
  readonly retryAfterMs: number;

  constructor(failure: string, { status, headers, value }: Received) {
    super(`${failure}: ${describe(status, value)}`);
    this.status = status;
    this.code = isProblem.Check(value) ? value.code : undefined;
    this.retryAfterMs = readRetryAfterMs(headers);
  }
}

type Received = Readonly<{ status: number; headers: Readonly<Record<string, unknown>>; value: unknown }>;

/** Whether the connection failed, so that there was no answer or only a part of one. */
export function isNetworkError(error: unknown): error is Error {
  return error instanceof errors.UndiciError || (error instanceof Error && "syscall" in error);
}

const purchaseConnectionMax = 512;
const readConnectionMax = 128;
const waitConnectionMax = 512;
const answerMaxMs = 45_000;

const OrderList = Type.Object({
  content: Type.Array(Order),
  totalElements: Type.Integer(),
  totalIsExact: Type.Boolean(),
  nextCursor: Nullable(Type.String()),
});
const ChangePage = Type.Object({ content: Type.Array(Change), nextCursor: Type.String() });
const isCreatedCodes = Compile(Type.Array(CreatedAccessCode));
const isEvent = Compile(Event);
const isChangePage = Compile(ChangePage);
const isOrder = Compile(Order);
const isProblem = Compile(Problem);
const isAudit = Compile(Audit);
const isInventory = Compile(Type.Array(Inventory));
const isOrderList = Compile(OrderList);

export type Gateway = ReturnType<typeof createGateway>;

function createTransport(url: string, apiKey: string | undefined) {
  const { origin, pathname } = new URL(url);
  const prefix = `${pathname.replace(/\/+$/, "")}${basePath}`;
  const options = { pipelining: 1, headersTimeout: answerMaxMs, bodyTimeout: answerMaxMs };
  const purchases = new Pool(origin, { ...options, connections: purchaseConnectionMax });
  const reads = new Pool(origin, { ...options, connections: readConnectionMax });
  const waits = new Pool(origin, { ...options, connections: waitConnectionMax });
  const authorization: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

  async function send(
    method: Dispatcher.HttpMethod,
    path: string,
    { waitSeconds, signal, headers = {}, body }: RequestOptions & { headers?: Record<string, string>; body?: unknown },
  ): Promise<Received> {
    const prefer = waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` };
    const sent = body === undefined ? {} : { "content-type": "application/json" };
    const pool = waitSeconds !== undefined ? waits : method === "POST" ? purchases : reads;
    const answer = await pool.request({
      method,
      path: `${prefix}${path}`,
      headers: { ...authorization, ...prefer, ...sent, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, value: parseJson(text) };
  }

  async function sendForOrder(...parameters: Parameters<typeof send>): Promise<Answer> {
    const { status, headers, value } = await send(...parameters);
    if (status === 304) return { kind: "unchanged" };
    if (status < 300 && isOrder.Check(value)) {
      return { kind: "order", order: value, isReplayed: headers["idempotent-replayed"] === "true" };
    }
    if (!isProblem.Check(value)) throw new Error(`${parameters[1]} answered ${status} with an unknown body`);
    return { kind: "problem", problem: value, retryAfterMs: readRetryAfterMs(headers) };
  }

  const close = async () => void (await Promise.all([purchases, reads, waits].map((pool) => pool.destroy())));
  return { send, sendForOrder, close };
}

/** @param url without a slash at the end */
export function createGateway(url: string, apiKey: string | undefined) {
  const { send, sendForOrder, close } = createTransport(url, apiKey);

  async function read<T>(failure: string, check: { Check: (value: unknown) => value is T }, path: string): Promise<T> {
    const received = await send("GET", path, {});
    const { status, value } = received;
    if (status === 200 && check.Check(value)) return value;
    throw new RefusedError(failure, received);
  }

  async function write(failure: string, method: Dispatcher.HttpMethod, path: string, body?: object): Promise<void> {
    const received = await send(method, path, { body });
    if (received.status >= 300) throw new RefusedError(failure, received);
  }

  return {
    purchase: (key: string, body: object, options: RequestOptions) =>
      sendForOrder("POST", "/orders/purchase", { ...options, headers: { "idempotency-key": key }, body }),
    getOrder: ({ id, version }: Pick<Order, "id" | "version">, options: RequestOptions) =>
      sendForOrder("GET", `/orders/${id}`, { ...options, headers: { "if-none-match": `"${version}"` } }),
    confirm: ({ id }: Pick<Order, "id">, paymentReference: string, options: RequestOptions) =>
      sendForOrder("POST", `/orders/${id}/confirm`, { ...options, body: { paymentReference } }),
    extend: ({ id }: Pick<Order, "id">, holdSeconds: number, key: string, options: RequestOptions) =>
      sendForOrder("POST", `/orders/${id}/extend`, {
        ...options,
        headers: { "idempotency-key": key },
        body: { holdSeconds },
      }),
    /**
     * @param items only these; all of them when undefined
     * @param key of a request that may be repeated
     */
    cancel: ({ id }: Pick<Order, "id">, items?: Order["items"], key?: string, options: RequestOptions = {}) =>
      sendForOrder("POST", `/orders/${id}/cancel`, {
        ...options,
        ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
        body: { reason: "changed their mind", ...(items === undefined ? {} : { items }) },
      }),
    createEvent: (event: object) => write("the event could not be created", "POST", "/events", event),
    /** Changes rules of an event, or with `ticketType` the total of one. */
    change: (code: string, change: object, ticketType?: string) => {
      const failure = "the event could not be changed";
      if (ticketType === undefined) return write(failure, "PATCH", `/events/${code}`, change);
      return write(failure, "PUT", `/inventory/${code}/${ticketType}`, change);
    },
    /** Cancels the event, if it is not cancelled yet. */
    cancelEvent: (code: string, reason: string) =>
      write("the event could not be cancelled", "POST", `/events/${code}/cancel`, { reason }),
    createAccessCodes: async (code: string, body: object): Promise<readonly CreatedAccessCode[]> => {
      const received = await send("POST", `/events/${code}/access-codes`, { body });
      if (received.status === 201 && isCreatedCodes.Check(received.value)) return received.value;
      throw new RefusedError("the access codes could not be created", received);
    },
    revokeAccessCode: (code: string, id: number) =>
      write("the access code could not be revoked", "DELETE", `/events/${code}/access-codes/${id}`),
    /** With its hidden ticket types, like `inventory`. */
    event: (code: string) => read("the event cannot be read", isEvent, `/events/${code}?hidden=true`),
    changes: (code: string, cursor: string | null) => {
      const after = cursor === null ? "" : `&after=${cursor}`;
      return read("the changes cannot be read", isChangePage, `/events/${code}/changes?size=100${after}`);
    },
    inventory: (code: string) => read("the stock cannot be read", isInventory, `/inventory/${code}?hidden=true`),
    audit: (code: string) => read("the audit cannot be read", isAudit, `/events/${code}/audit`),
    listOrders: (code: string, cursor: string | null) => {
      const after = cursor === null ? "" : `&cursor=${cursor}`;
      return read("the orders cannot be read", isOrderList, `/orders?event=${code}&size=100${after}`);
    },
    countPending: async (code: string) => {
      const path = `/orders?event=${code}&status=PENDING&size=1`;
      return (await read("the orders cannot be read", isOrderList, path)).totalElements;
    },
    close,
  };
}

const customerRefPattern = /^demo-buyer-(\d{1,9})$/;

export function customerRefOf(index: number): string {
  return `demo-buyer-${index}`;
}

/** The number of the buyer who placed an order; undefined for an order of no demo. */
export function buyerIndexOf({ customerRef }: Order): number | undefined {
  const [, index] = customerRefPattern.exec(customerRef ?? "") ?? [];
  return index === undefined ? undefined : Number(index);
}

function describe(status: number, value: unknown): string {
  const answer = isProblem.Check(value) ? `${value.detail} (${status} ${value.code})` : `it was answered ${status}`;
  if (status !== 401 && status !== 403) return answer;
  const make = "npx onsale keys create --name demo --scopes admin";
  return `${answer} Set ONSALE_API_KEY to a key with the scope admin; make one with: ${make}`;
}

function readRetryAfterMs(headers: Received["headers"]): number {
  return 1_000 * (Number(headers["retry-after"]) || 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
