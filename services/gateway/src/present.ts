import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import { type Order, rejectionReasons } from "@onsale/contracts/order";
import type { EventRow } from "@onsale/database/statements/event-row";
import type { InventoryRow } from "@onsale/database/statements/get-inventory";
import type { OrderRow } from "@onsale/database/statements/order-row";

/** Under which every route of the API stands. */
export const basePath = "/api/v1";

/** An order as it is answered. */
export function presentOrder(row: OrderRow): Order {
  const { id, eventCode, ticketType, quantity, status, reason, strategy, customerRef, version } = row;
  return {
    id,
    eventCode,
    ticketType,
    quantity,
    items: [{ ticketType, quantity }],
    status,
    reason: reason === null ? null : { code: reason, detail: rejectionReasons[reason] },
    strategy,
    customerRef,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    expiresAt: null,
    version,
    links: { self: `${basePath}/orders/${id}`, event: `${basePath}/events/${eventCode}` },
  };
}

/** An event as it is answered. */
export function presentEvent(row: EventRow): Event {
  const { code, name, startTime, endTime, createdAt, ticketTypes } = row;
  return {
    code,
    name,
    startTime: startTime.toISOString(),
    endTime: endTime.toISOString(),
    createdAt: createdAt.toISOString(),
    ticketTypes: [...ticketTypes],
    links: { self: `${basePath}/events/${code}`, inventory: `${basePath}/inventory/${code}` },
  };
}

/** A ticket type's stock as it is answered. */
export function presentInventory(eventCode: string, row: InventoryRow): Inventory {
  return { eventCode, ...row };
}
