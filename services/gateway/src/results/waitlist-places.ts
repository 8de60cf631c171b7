// The places of orders on waiting lists. All requests about an event share one list of those who wait, which is read
// when a request needs a newer one: it may be a second old, but has the order itself. A list of 100,000 takes a while
// to read, so there is a pause after each read of nine times as long: an event takes at most a tenth of a connection's
// time.
import { setTimeout as delay } from "node:timers/promises";
import type { WaitlistPlace } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import {
  offersWithinSeconds,
  readWaitingPlaces,
  type WaitingPlaces,
} from "@onsale/database/statements/waiting-list/read-waiting-places";
import { LRUCache } from "lru-cache";

export type WaitlistPlaces = Readonly<{
  /** The place of an order that waits; undefined while the database is unavailable. */
  placeOf: (order: Pick<OrderRow, "eventId" | "seq">) => Promise<WaitlistPlace | undefined>;
}>;

type Snapshot = WaitingPlaces & Readonly<{ begunAtMs: number; tookMs: number }>;

const freshMs = 1_000;
const pauseFactor = 9;
const eventCountMax = 1_000;

export function createWaitlistPlaces(db: Db): WaitlistPlaces {
  const snapshots = new LRUCache<number, Snapshot>({ max: eventCountMax });
  const reading = new Map<number, Promise<Snapshot>>();

  async function read(eventId: number): Promise<Snapshot> {
    const last = snapshots.get(eventId);
    const pauseMs = last === undefined ? 0 : last.begunAtMs + last.tookMs * (pauseFactor + 1) - performance.now();
    if (pauseMs > 0) await delay(pauseMs);
    const begunAtMs = performance.now();
    const places = await readWaitingPlaces(db, eventId);
    const snapshot = { ...places, begunAtMs, tookMs: performance.now() - begunAtMs };
    snapshots.set(eventId, snapshot);
    return snapshot;
  }

  /** The running read, which may have begun before the caller's order began to wait, or a new one. */
  function readOnce(eventId: number): Promise<Snapshot> {
    const running = reading.get(eventId) ?? read(eventId).finally(() => reading.delete(eventId));
    reading.set(eventId, running);
    return running;
  }

  /** A list that has the order, unless it has left the list meanwhile. */
  async function listWith(eventId: number, seq: number): Promise<Snapshot> {
    const requestedAtMs = performance.now();
    const known = snapshots.get(eventId);
    if (known !== undefined && lastOf(known) >= seq && requestedAtMs - known.begunAtMs < freshMs) return known;
    const read = await readOnce(eventId);
    return read.begunAtMs >= requestedAtMs || lastOf(read) >= seq ? read : readOnce(eventId);
  }

  return {
    placeOf: async ({ eventId, seq }) => {
      const list = await listWith(eventId, seq).catch(() => undefined);
      if (list === undefined) return undefined;
      const position = countBefore(list, seq) + 1;
      const { offeredCount } = list;
      const estimatedSeconds = offeredCount === 0 ? null : Math.ceil((position * offersWithinSeconds) / offeredCount);
      return { position, estimatedSeconds };
    },
  };
}

const bytesPerSeq = 8;
const countOf = ({ seqs }: Snapshot) => seqs.length / bytesPerSeq;
const seqAt = ({ seqs }: Snapshot, index: number) => seqs.readDoubleBE(index * bytesPerSeq);
const lastOf = (list: Snapshot) => (countOf(list) === 0 ? 0 : seqAt(list, countOf(list) - 1));

/** How many orders of the list come before `seq`, by binary search. */
function countBefore(list: Snapshot, seq: number): number {
  let low = 0;
  let high = countOf(list);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seqAt(list, middle) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
