// The rules of a sale: windows, limits, pools.
import type { Money } from "./money.ts";

/** The rules that an event and a ticket type can have, as requests set them; null removes a rule. */
export type SaleRules = Readonly<{
  /** RFC 3339; from when on purchases are accepted. */
  salesStart?: string | null;
  /** RFC 3339; until when purchases are accepted. A new event has its `endTime`. */
  salesEnd?: string | null;
  /** The most tickets that one order may ask for: of an event of all types together, of a ticket type of that type. */
  maxPerOrder?: number | null;
  /** The most tickets that one customer may have, by `customerRef`, over all their orders. */
  maxPerCustomer?: number | null;
}>;

/** The rules of an event, as requests set them. */
export type EventRules = SaleRules &
  Readonly<{
    /** Capacity that ticket types share: pools to create, or whose total changes. Others stay as they are. */
    pools?: readonly Pool[];
    /** For how long an offer of the waiting list is held. */
    offerSeconds?: number;
    /** `skip` offers to the first in line that it is enough for; with `strict` nobody passes the first in line. */
    waitlistPolicy?: "skip" | "strict";
  }>;

/** The rules of a ticket type, as requests set them; they come on top of the event's. */
export type TicketTypeRules = SaleRules &
  Readonly<{
    /** The names of all pools that the type draws on. */
    pools?: readonly string[];
    /** `code`: sold with an access code only, and not listed without one. */
    visibility?: "public" | "code";
  }>;

/** The total of one ticket type, and the price of one ticket if there is one. */
export type TicketTotal = Readonly<{ ticketType: string; total: number; price?: Money }>;

/** A ticket type to create. */
export type NewTicketType = TicketTotal & TicketTypeRules;

/** A ticket type of an event; a rule that it does not have is missing. */
export type TicketTypeOfEvent = TicketTotal &
  Readonly<{
    /** RFC 3339. */
    salesStart?: string;
    /** RFC 3339. */
    salesEnd?: string;
    maxPerOrder?: number;
    maxPerCustomer?: number;
    /** The names of the pools that it draws on. */
    pools?: readonly string[];
    visibility?: "public" | "code";
  }>;

/** Capacity that several ticket types share. */
export type Pool = Readonly<{ name: string; total: number }>;

/** A pool, and how many tickets can still be drawn from it. */
export type PoolOfEvent = Pool & Readonly<{ available: number }>;

/** Whether an event is sold at the moment, by the server's clock. Purchases are accepted while it is `open`. */
export type SaleWindow = Readonly<{
  state: "scheduled" | "open" | "paused" | "closed" | "cancelled";
  /** When the sale begins; null when that was never limited. */
  opensAt: string | null;
  /** When the sale ends; null when that is not limited. */
  closesAt: string | null;
}>;
