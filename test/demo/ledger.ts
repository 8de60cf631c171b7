// What the buyers were told, and whether it fits together. It has a few bytes for each buyer, however many questions are
// asked, so that a long demo needs no more memory than a short one.
import type { Order } from "@onsale/contracts/order";
import { Histogram } from "../bench/load/histogram.ts";

/** Something that must not be, how often it was, and a few examples. */
export type Fault = Readonly<{ what: string; count: number; examples: readonly string[] }>;

/** What a buyer sees of an order, wherever it was shown to him. */
export type SeenOrder = Pick<Order, "id" | "status" | "createdAt" | "decidedAt">;

const exampleCountMax = 5;

export type Counts = {
  arrived: number;
  accepted: number;
  /** Orders of which a buyer has learned the decision. */
  told: number;
  /** Refused with 409 before anything was recorded. */
  turnedAway: number;
  /** Answers with the order of an earlier request. */
  replays: number;
  vanished: number;
  retried: number;
  slowedDown: number;
};

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger(buyerCount: number) {
  const ids = new Array<string | undefined>(buyerCount);
  const outcomes = new Map<number, Order["status"]>();
  const faults = new Map<string, { count: number; examples: string[] }>();
  const counts: Counts = {
    ...{ arrived: 0, accepted: 0, told: 0, turnedAway: 0 },
    ...{ replays: 0, vanished: 0, retried: 0, slowedDown: 0 },
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
    /** From the click to the answer that the order is on disk, without those who wait; microseconds. */
    acceptLatency: new Histogram(),
    /** From acceptance to the decision, by the server's clock. */
    decisionLatency,
    /** From the click until the buyer knows, for those who wait or listen. */
    toldLatency: new Histogram(),
    noteFault,
    faults: (): Fault[] => [...faults].map(([what, { count, examples }]) => ({ what, count, examples })),
    idOf: (index: number) => ids[index],
    outcomeOf: (index: number) => outcomes.get(index),

    /**
     * A buyer was shown an order as his.
     *
     * @param wasDecided whether he knew the decision when he asked: answers to what he asked before may come late
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
      counts.told++;
      if (order.decidedAt !== null) {
        decisionLatency.record((Date.parse(order.decidedAt) - Date.parse(order.createdAt)) * 1_000);
      }
    },
  };
}
