// What a load generator is told and what it answers, over the IPC channel of its process.
import type { HistogramData } from "./histogram.ts";

/** What is sent. */
export type RequestPlan = Readonly<
  | {
      kind: "purchase";
      /** Of 10 requests, so many go to the hot event and the rest in turn to the events from 1 on. */
      hotTenths: number;
      /** Which event is the hot one; 0, but for loads that must leave that alone. */
      hotIndex?: number;
      otherCount: number;
      /** Distinguishes the keys of this load from those of others; 12 characters. */
      keySuffix: string;
      /** After so many keys the first one comes again; undefined for new ones only. */
      keyCount?: number;
      /** Sent as `Prefer: wait`. */
      waitSeconds?: number;
    }
  | { kind: "get"; paths: readonly string[] }
>;

export type LoadPlan = Readonly<{
  port: number;
  /** Each has one request in flight. */
  connections: number;
  /** No request begins later than this. */
  seconds: number;
  /** Requests at most. */
  requestCountMax: number;
  /** Begin no more than this many per second; undefined for as many as are answered. */
  ratePerSecond?: number;
  request: RequestPlan;
  /** Of several generators that share a load, this one sends every `stride`th request, from `offset` on. */
  offset: number;
  stride: number;
}>;

export type LoadReport = Readonly<{
  requests: number;
  /** How many answers had each status. */
  answers: Readonly<Record<string, number>>;
  /** Connections that broke with a request in flight, and answers that never came. */
  lost: number;
  /** Milliseconds since 1970, with fractions. */
  firstSentAtMs: number;
  lastAnswerAtMs: number;
  latency: HistogramData;
}>;

/** The code of an event in a load, of a fixed length so that it can be put in place. */
export function eventCodeOf(index: number): string {
  return `BENCH-${String(index).padStart(4, "0")}`;
}
