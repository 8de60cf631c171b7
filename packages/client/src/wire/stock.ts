// The stock of ticket types, and its changes.
import type { Money } from "./money.ts";
import type { TicketTypeRules } from "./rules.ts";
import { isRecord } from "./shape.ts";

/** The stock of one ticket type: `sold + held + available = total`, unless a pool has less left. */
export type Inventory = Readonly<{
  eventCode: string;
  ticketType: string;
  total: number;
  /** Tickets of confirmed orders. */
  sold: number;
  /** Tickets that are allocated, but not yet confirmed. */
  held: number;
  /** The least of what is left of the type and of its pools. */
  available: number;
  /** The pool that has less left than the type itself, if one has. */
  limitedBy?: string;
  /** Orders on the waiting list, if any. */
  waiting?: number;
}>;

/** What to set of a ticket type: its total, and its price and rules when they are given. A null price removes it. */
export type TotalChange = Readonly<{ total: number; price?: Money | null }> & TicketTypeRules;

/** Tickets to move from one ticket type to another. */
export type StockMove = Readonly<{
  from: string;
  to: string;
  quantity: number;
  /** For the ledger and the activity log. */
  reason: string;
}>;

/** The stock of a ticket type. */
export function isInventory(value: unknown): value is Inventory {
  return isRecord(value) && typeof value.ticketType === "string" && typeof value.available === "number";
}

/** The stock of several ticket types. */
export function isStock(value: unknown): value is readonly Inventory[] {
  return Array.isArray(value) && value.every(isInventory);
}
