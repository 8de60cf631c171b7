// Which ticket types are sold out, so that the losers of a sale get their answer without an order. To refuse a buyer
// while there are tickets would be worse than to record a hopeless order, so a ticket type counts as sold out only for a
// quarter of a second after a query that found it so began; while it is asked for, the query is repeated often enough to
// keep it. Workers say which ticket types a batch used up; that only makes the gateway look.
import type { Decided } from "@onsale/database/channels";
import type { Db } from "@onsale/database/client";
import { findSoldOut, type TicketTypeRef } from "@onsale/database/statements/find-sold-out";

export type SoldOut = Readonly<{
  /** Whether a query that began in the last quarter of a second found nothing of the ticket type left. */
  has: (eventId: number, ticketType: string) => boolean;
  onDecided: (decided: Decided) => void;
  close: () => void;
}>;

const trustedMs = 250;
const lookIntervalMs = 80;
/** A ticket type that nobody has asked for during this time is forgotten. */
const demandMs = 5_000;

type Entry = TicketTypeRef & { confirmedAtMs: number; askedAtMs: number };

/** @param isOn without it nothing ever counts as sold out */
export function createSoldOut(db: Db, isOn: boolean): SoldOut {
  const entries = new Map<string, Entry>();
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking || entries.size === 0) return;
    isLooking = true;
    const begunAtMs = performance.now();
    const asked = [...entries.values()];
    const soldOut = await findSoldOut(db, asked).catch(() => undefined);
    isLooking = false;
    // Without an answer nothing is confirmed, and what was is soon no longer trusted.
    if (soldOut === undefined) return;
    const confirmed = new Set(soldOut.map(keyOf));
    for (const entry of asked) {
      if (confirmed.has(keyOf(entry)) && begunAtMs - entry.askedAtMs < demandMs) entry.confirmedAtMs = begunAtMs;
      else entries.delete(keyOf(entry));
    }
  }

  const timer = setInterval(() => void look(), lookIntervalMs);
  timer.unref();

  return {
    has: (eventId, ticketType) => {
      const entry = entries.get(keyOf({ eventId, ticketType }));
      if (entry === undefined) return false;
      const nowMs = performance.now();
      entry.askedAtMs = nowMs;
      return nowMs - entry.confirmedAtMs < trustedMs;
    },
    onDecided: ({ eventId, soldOut }) => {
      if (!isOn) return;
      for (const ticketType of soldOut) {
        const entry = { eventId, ticketType, confirmedAtMs: Number.NEGATIVE_INFINITY, askedAtMs: performance.now() };
        if (!entries.has(keyOf(entry))) entries.set(keyOf(entry), entry);
      }
      if (soldOut.length > 0) void look();
    },
    close: () => clearInterval(timer),
  };
}

function keyOf({ eventId, ticketType }: TicketTypeRef): string {
  return `${eventId}:${ticketType}`;
}
