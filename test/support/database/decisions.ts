// First decisions for tests that write them without deciding.
import type { PendingEntry } from "@onsale/database/statements/allocation/read-pending";
import type { OrderDecision } from "@onsale/database/statements/allocation/write-decisions";

export function confirmation({ id, ctid, seq, eventId, lines }: PendingEntry): OrderDecision {
  const isBasket = lines.length > 1;
  const rest = { reason: null, isBasket, holdSeconds: null, granted: lines, items: null, shortages: [] };
  return { id, ctid, seq, eventId, status: "CONFIRMED", ...rest };
}

export function rejection({ id, ctid, seq, eventId, lines }: PendingEntry, reason: string): OrderDecision {
  const isBasket = lines.length > 1;
  const rest = { reason, isBasket, holdSeconds: null, granted: [], items: null, shortages: [] };
  return { id, ctid, seq, eventId, status: "REJECTED", ...rest };
}
