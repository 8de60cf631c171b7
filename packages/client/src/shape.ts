// Short checks of an answer that tell whether it came from the API or from something else, such as a proxy. A test
// compares the types with the OpenAPI document field by field; no call does that.

import type {
  ChangePage,
  EventCancellation,
  ExportEnd,
  Inventory,
  Line,
  Money,
  Order,
  Page,
  Problem,
  SaleEvent,
  SaleSnapshot,
  SalesReport,
  Transition,
} from "./wire.ts";
import type { AccessCode, CreatedAccessCode } from "./wire-rules.ts";

/** Tells whether a parsed answer has the expected type. */
export type Shape<T> = (value: unknown) => value is T;

/** Any JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An order, by the fields that this package reads. */
export function isOrder(value: unknown): value is Order {
  const isLikely = isRecord(value) && typeof value.id === "string" && typeof value.status === "string";
  return isLikely && Number.isInteger(value.version);
}

/** The transitions of an order. */
export function isHistory(value: unknown): value is readonly Transition[] {
  const isTransition = (item: unknown) => isRecord(item) && typeof item.to === "string" && typeof item.at === "string";
  return Array.isArray(value) && value.every(isTransition);
}

/** Changes of an event's orders. */
export function isChangePage(value: unknown): value is ChangePage {
  return isRecord(value) && isHistory(value.content) && typeof value.nextCursor === "string";
}

/** Tickets by type. */
export function isLines(value: unknown): value is readonly Line[] {
  const isLine = (item: unknown) =>
    isRecord(item) && typeof item.ticketType === "string" && typeof item.quantity === "number";
  return Array.isArray(value) && value.every(isLine);
}

/** An amount of money. */
export function isMoney(value: unknown): value is Money {
  return isRecord(value) && typeof value.amount === "number" && typeof value.currency === "string";
}

/** How many orders a reference was erased from. */
export function isForgotten(value: unknown): value is Readonly<{ orders: number }> {
  return isRecord(value) && typeof value.orders === "number";
}

/** A page of a list, by its items. */
export function isPageOf<Item>(isItem: Shape<Item>): Shape<Page<Item>> {
  return (value): value is Page<Item> => {
    if (!isRecord(value) || !Array.isArray(value.content)) return false;
    return value.content.every(isItem) && (value.nextCursor === null || typeof value.nextCursor === "string");
  };
}

/** An event. */
export function isSaleEvent(value: unknown): value is SaleEvent {
  return isRecord(value) && typeof value.code === "string" && Array.isArray(value.ticketTypes);
}

/** The progress of an event's cancellation. */
export function isEventCancellation(value: unknown): value is EventCancellation {
  return isRecord(value) && typeof value.eventCode === "string" && isRecord(value.orders);
}

/** A sales report. */
export function isSalesReport(value: unknown): value is SalesReport {
  return isRecord(value) && Array.isArray(value.totals) && Array.isArray(value.content);
}

/** The last line of an export. */
export function isExportEnd(value: unknown): value is ExportEnd {
  return isRecord(value) && isRecord(value.end) && Number.isInteger(value.end.orders);
}

/** The stock of a ticket type. */
export function isInventory(value: unknown): value is Inventory {
  return isRecord(value) && typeof value.ticketType === "string" && typeof value.available === "number";
}

/** The stock of several ticket types. */
export function isStock(value: unknown): value is readonly Inventory[] {
  return Array.isArray(value) && value.every(isInventory);
}

/** An access code. */
export function isAccessCode(value: unknown): value is AccessCode {
  return isRecord(value) && typeof value.id === "number" && Array.isArray(value.ticketTypes);
}

/** New access codes. */
export function isCreatedCodes(value: unknown): value is readonly CreatedAccessCode[] {
  const isCreated = (item: unknown) => isAccessCode(item) && "code" in item && typeof item.code === "string";
  return Array.isArray(value) && value.every(isCreated);
}

/** The state of a sale. */
export function isSaleSnapshot(value: unknown): value is SaleSnapshot {
  return isRecord(value) && typeof value.eventCode === "string" && Array.isArray(value.inventory);
}

/** RFC 9457 problem details of this API. */
export function isProblem(value: unknown): value is Problem {
  const strings = ["type", "title", "detail", "code", "requestId"];
  return (
    isRecord(value) &&
    strings.every((name) => typeof value[name] === "string") &&
    typeof value.status === "number" &&
    typeof value.retryable === "boolean"
  );
}

/** Parses JSON; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
