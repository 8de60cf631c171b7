// Records what the API answered to each buyer, and notes contradictions. It keeps a few bytes per buyer, however many
// requests they make, so that a long demo needs no more memory than a short one.
import type { Order } from "@onsale/contracts/order";
import { Histogram } from "../bench/load/histogram.ts";

/** A violated promise, how often it was violated, and a few examples. */
export type Fault = Readonly<{ what: string; count: number; examples: readonly string[] }>;

/** The fields of an order that the ledger reads, from any answer or stream. */
export type SeenOrder = Pick<Order, "id" | "status" | "createdAt" | "decidedAt">;

const exampleCountMax = 5;

export type Counts = {
  /** Buyers who have started. */
  started: number;
  accepted: number;
  /** Orders whose decision their buyer has learned. */
  learned: number;
  /** Refused with 409 before anything was recorded. */
  turnedAway: number;
  /** Answers that returned the order of an earlier request. */
  replays: number;
  /** Buyers who lost their connection. */
  disconnected: number;
  retried: number;
  /** Answers with status 429. */
  slowedDown: number;
};

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger(buyerCount: number) {
  const ids = new Array<string | undefined>(buyerCount);
  const outcomes = new Map<number, Order["status"]>();
  const faults = new Map<string, { count: number; examples: string[] }>();
  const counts: Counts = {
    started: 0,
    accepted: 0,
    learned: 0,
    turnedAway: 0,
    replays: 0,
    disconnected: 0,
    retried: 0,
    slowedDown: 0,
  };

  function noteFault(what: string, example: string): void {
    const fault = faults.get(what) ?? { count: 0, examples: [] };
    faults.set(what, fault);
    fault.count++;
    if (fault.examples.length < exampleCountMax) fault.examples.push(example);
  }

  const decisionLatency = new Histogram();

  return {
    counts,
    /** From the click to the answer that accepts the order, without purchases that wait; microseconds. */
    acceptLatency: new Histogram(),
    /** From acceptance to the decision, by the server's clock. */
    decisionLatency,
    /** From the click until the buyer knows the decision, for buyers who wait or stream. */
    learnedLatency: new Histogram(),
    noteFault,
    faults: (): Fault[] => [...faults].map(([what, { count, examples }]) => ({ what, count, examples })),
    idOf: (index: number) => ids[index],
    outcomeOf: (index: number) => outcomes.get(index),

    /**
     * Records that an answer or a stream showed a buyer their order.
     *
     * @param wasDecided whether the buyer knew the decision when they sent the request; an answer to an earlier request
     *   may come late and still show the order as pending
     */
    noteOrder(index: number, order: SeenOrder, wasDecided = outcomes.has(index)): void {
      const known = ids[index];
      if (known === undefined) {
        ids[index] = order.id;
        counts.accepted++;
      } else if (known !== order.id) {
        noteFault("the same key was answered with another order", `buyer ${index}: ${known} and ${order.id}`);
      }
      if (order.status === "PENDING") {
        if (wasDecided) noteFault("a decided order was shown as pending", order.id);
        return;
      }
      const before = outcomes.get(index);
      if (before === order.status) return;
      if (before !== undefined) {
        noteFault("a decision changed", `${order.id}: ${before}, then ${order.status}`);
        return;
      }
      outcomes.set(index, order.status);
      counts.learned++;
      if (order.decidedAt !== null) {
        decisionLatency.record((Date.parse(order.decidedAt) - Date.parse(order.createdAt)) * 1_000);
      }
    },
  };
}
