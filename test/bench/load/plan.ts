// The plan that a load generator gets, and the report that it sends over the IPC channel of its process.
import type { HistogramData } from "./histogram.ts";

/** Purchases, each with a new key. */
export type PurchasePlan = Readonly<{
  kind: "purchase";
  /** Of 10 requests, this many go to the hot event, and the rest in turn to the events from 1 on. */
  hotTenths: number;
  /** The hot event's number; 0 by default. */
  hotIndex?: number;
  otherCount: number;
  /** Distinguishes the keys of this load from those of others; 12 characters. */
  keySuffix: string;
  /** After this many keys the first one is sent again; undefined for new keys only. */
  keyCount?: number;
  /** Sent as `Prefer: wait`. */
  waitSeconds?: number;
  /** Whether the orders are to be held, not sold. */
  hold?: boolean;
  /** Whether each order names its customer: a new one, but for each tenth order, whose customer has one already. */
  namesCustomers?: boolean;
}>;

/** Confirms each of these orders, with a payment reference, or cancels it. */
export type TransitionPlan = Readonly<{
  kind: "transition";
  action: "confirm" | "cancel";
  orderIds: readonly string[];
}>;

/** The requests of a load. */
export type RequestPlan = Readonly<
  | PurchasePlan
  | TransitionPlan
  /** A purchase and a transition in turn, beginning with a purchase. */
  | { kind: "alternate"; purchase: PurchasePlan; transition: TransitionPlan }
  | { kind: "get"; paths: readonly string[] }
>;

/** The requests that a plan has, when they are limited. */
export function requestCountOf(request: RequestPlan): number | undefined {
  if (request.kind === "transition") return request.orderIds.length;
  return request.kind === "alternate" ? 2 * request.transition.orderIds.length : undefined;
}

export type LoadPlan = Readonly<{
  port: number;
  /** Each has one request in flight. */
  connections: number;
  /** No request begins later than this; with a rate, none is due later. */
  seconds: number;
  /** The most requests that are sent. */
  requestCountMax: number;
  /** Requests per second, each with its own time; undefined to send the next one at each answer. */
  ratePerSecond?: number;
  request: RequestPlan;
  /** When several generators share a load, this one sends every `stride`th request, from `offset` on. */
  offset: number;
  stride: number;
}>;

export type LoadReport = Readonly<{
  requests: number;
  /** The number of answers by name (answer.ts). */
  answers: Readonly<Record<string, number>>;
  /** Requests without an answer, because their connection broke or the time was up. */
  lost: number;
  /** Milliseconds since 1970, with fractions. */
  firstSentAtMs: number;
  lastAnswerAtMs: number;
  /** From when a request was sent or, with a rate, was due. */
  latency: HistogramData;
  /** Of the answers that accept something: 200 and 202. */
  acceptedLatency: HistogramData;
}>;

/** The code of an event in a load; its length is fixed, so that it can be overwritten in a rendered request. */
export function eventCodeOf(index: number): string {
  return `BENCH-${String(index).padStart(4, "0")}`;
}
