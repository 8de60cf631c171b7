import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import { basePath } from "@onsale/contracts/values";
import type { EventRow } from "@onsale/database/statements/events/event-row";
import type { InventoryRow } from "@onsale/database/statements/events/get-inventory";

/** An event as the API shows it. */
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

/** A ticket type's stock as the API shows it. */
export function presentInventory(eventCode: string, row: InventoryRow): Inventory {
  return { eventCode, ...row };
}
