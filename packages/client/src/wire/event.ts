// Events, and what becomes of them.
import type { EventRules, NewTicketType, PoolOfEvent, SaleWindow, TicketTypeOfEvent } from "./rules.ts";
import { isRecord } from "./shape.ts";
import type { Inventory } from "./stock.ts";

/** An event to create. */
export type NewEvent = Readonly<{
  /** Up to 64 letters, digits, `_` and `-`. */
  code: string;
  name: string;
  /** RFC 3339. */
  startTime: string;
  /** RFC 3339; after `startTime`. */
  endTime: string;
  ticketTypes?: readonly NewTicketType[];
}> &
  EventRules;

/** What to change of an event; what is missing stays. */
export type EventChange = Readonly<{
  name?: string;
  /** RFC 3339. */
  startTime?: string;
  /** RFC 3339; `salesEnd` stays as it is. */
  endTime?: string;
  /** True refuses purchases until it is false again; holds and confirms go on. */
  paused?: boolean;
}> &
  EventRules;

/** An event: a show that sells tickets. */
export type SaleEvent = Readonly<{
  code: string;
  name: string;
  startTime: string;
  endTime: string;
  createdAt: string;
  sale: SaleWindow;
  /** The most tickets of one order; null for no limit. */
  maxPerOrder: number | null;
  /** The most tickets of one customer, over all their orders; null for no limit. */
  maxPerCustomer: number | null;
  pools: readonly PoolOfEvent[];
  offerSeconds: number;
  waitlistPolicy: "skip" | "strict";
  ticketTypes: readonly TicketTypeOfEvent[];
  links: Readonly<{ self: string; inventory: string }>;
}>;

/** How far the cancellation of an event has got. */
export type EventCancellation = Readonly<{
  eventCode: string;
  /** `done`: none of its orders has tickets any more. */
  status: "running" | "done";
  reason: string | null;
  /** When the event was cancelled: purchases are refused from then on. */
  startedAt: string;
  finishedAt: string | null;
  orders: Readonly<{
    /** Orders that had tickets or waited for some; null until they are counted. */
    total: number | null;
    /** Orders of these that are cancelled, without those that buyers cancelled. */
    cancelled: number;
    /** Null until they are counted. */
    remaining: number | null;
  }>;
  /** Until it is done, at the pace so far; missing while that is not known. */
  estimatedSeconds?: number;
}>;

/** The state of a sale. */
export type SaleSnapshot = Readonly<{
  eventCode: string;
  /** RFC 3339. */
  at: string;
  sale: SaleWindow;
  inventory: readonly Inventory[];
  /** Orders that are not decided yet. */
  pending: number;
  decidedPerSecond: number;
}>;

/** An event. */
export function isSaleEvent(value: unknown): value is SaleEvent {
  return isRecord(value) && typeof value.code === "string" && Array.isArray(value.ticketTypes);
}

/** The progress of an event's cancellation. */
export function isEventCancellation(value: unknown): value is EventCancellation {
  return isRecord(value) && typeof value.eventCode === "string" && isRecord(value.orders);
}

/** The state of a sale. */
export function isSaleSnapshot(value: unknown): value is SaleSnapshot {
  return isRecord(value) && typeof value.eventCode === "string" && Array.isArray(value.inventory);
}
