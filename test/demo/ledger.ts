// Records what the API answered to each buyer, and notes contradictions. It keeps a few bytes per buyer, however many
// requests they make, so that a long demo needs no more memory than a short one.
import type { Order } from "@onsale/contracts/order";
import { canBecome } from "@onsale/domain/order-status";
import { Histogram } from "../bench/load/histogram.ts";
import { createFaults } from "../support/faults.ts";

/** The fields of an order that the ledger reads, from any answer or stream. */
export type SeenOrder = Pick<Order, "id" | "status" | "version" | "createdAt" | "decidedAt">;

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
  /** Buyers whose tickets were held, and what they did then. */
  held: number;
  paid: number;
  paidLate: number;
  /** Late payments that have to be refunded. */
  refunds: number;
  gaveUp: number;
};

const noCounts: Counts = {
  started: 0,
  accepted: 0,
  learned: 0,
  turnedAway: 0,
  replays: 0,
  disconnected: 0,
  retried: 0,
  slowedDown: 0,
  held: 0,
  paid: 0,
  paidLate: 0,
  refunds: 0,
  gaveUp: 0,
};

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger(buyerCount: number) {
  const ids = new Array<string | undefined>(buyerCount);
  const outcomes = new Map<number, Pick<Order, "status" | "version">>();
  const { note: noteFault, list } = createFaults();
  const counts: Counts = { ...noCounts };

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
    faults: list,
    idOf: (index: number) => ids[index],
    outcomeOf: (index: number) => outcomes.get(index)?.status,
    /** The version of the order that the buyer knows; 0 while they know no decision. */
    versionOf: (index: number) => outcomes.get(index)?.version ?? 0,

    /**
     * Records that an answer or a stream showed a buyer their order.
     *
     * @param knownVersion what the buyer knew when they sent the request; an answer to an earlier request may come late
     *   and still show an earlier state
     */
    noteOrder(index: number, order: SeenOrder, knownVersion = outcomes.get(index)?.version ?? 0): void {
      const known = ids[index];
      if (known === undefined) {
        ids[index] = order.id;
        counts.accepted++;
      } else if (known !== order.id) {
        noteFault("the same key was answered with another order", `buyer ${index}: ${known} and ${order.id}`);
      }
      if (order.version < knownVersion) {
        const isPending = order.status === "PENDING";
        noteFault(isPending ? "a decided order was shown as pending" : "an earlier state was shown", order.id);
        return;
      }
      if (order.status !== "PENDING") noteDecided(index, order);
    },
  };

  function noteDecided(index: number, { id, status, version, createdAt, decidedAt }: SeenOrder): void {
    const before = outcomes.get(index);
    if (before !== undefined) {
      if (before.version > version || before.status === status) return;
      if (before.version === version || !canBecome(before.status, status)) {
        noteFault("a decision changed", `${id}: ${before.status}, then ${status}`);
        return;
      }
    }
    outcomes.set(index, { status, version });
    if (before !== undefined) return;
    counts.learned++;
    if (decidedAt !== null) decisionLatency.record((Date.parse(decidedAt) - Date.parse(createdAt)) * 1_000);
  }
}
