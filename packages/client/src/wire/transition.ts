// The changes of orders.
import type { Line, OrderStatus } from "./order.ts";
import { isRecord } from "./shape.ts";

/** One change of an order's status or tickets. */
export type Transition = Readonly<{
  at: string;
  from: OrderStatus;
  to: OrderStatus;
  /** The order's version after it. */
  version: number;
  /** Who or what caused it. */
  actor: string;
  reason: string | null;
  /** The tickets that were given back, when the order kept others. */
  items?: readonly Line[];
}>;

/** One change among those of an event's orders. */
export type Change = Transition & Readonly<{ orderId: string }>;

/** Changes of an event's orders, in an order that never changes. */
export type ChangePage = Readonly<{
  content: readonly Change[];
  /** Pass it as `after` for what comes next, at once or later. */
  nextCursor: string;
}>;

/** The transitions of an order. */
export function isHistory(value: unknown): value is readonly Transition[] {
  const isTransition = (item: unknown) => isRecord(item) && typeof item.to === "string" && typeof item.at === "string";
  return Array.isArray(value) && value.every(isTransition);
}

/** Changes of an event's orders. */
export function isChangePage(value: unknown): value is ChangePage {
  return isRecord(value) && isHistory(value.content) && typeof value.nextCursor === "string";
}
