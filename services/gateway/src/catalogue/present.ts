import type { Event } from "@onsale/contracts/event";
import type { Inventory } from "@onsale/contracts/inventory";
import type { SaleWindow } from "@onsale/contracts/sale-rules";
import { basePath } from "@onsale/contracts/values";
import type { EventRow, TicketTypeRow } from "@onsale/database/statements/events/event-row";
import type { InventoryRow } from "@onsale/database/statements/events/get-inventory";

type IsShown = (type: TicketTypeRow) => boolean;

/** In lists, and for who names no access code. */
export const isPublic: IsShown = ({ visibility }) => visibility === undefined;

/** An event as the API shows it. */
export function presentEvent(row: EventRow, isShown: IsShown = () => true): Event {
  const { code, name, startTime, endTime, createdAt, maxPerOrder, ticketTypes } = row;
  const { maxPerCustomer, pools, offerSeconds, waitlistPolicy } = row;
  return {
    code,
    name,
    startTime: startTime.toISOString(),
    endTime: endTime.toISOString(),
    createdAt: createdAt.toISOString(),
    sale: presentWindow(row),
    maxPerOrder,
    maxPerCustomer,
    pools: [...pools],
    offerSeconds,
    waitlistPolicy,
    ticketTypes: ticketTypes.filter(isShown).map(presentTicketType),
    links: { self: `${basePath}/events/${code}`, inventory: `${basePath}/inventory/${code}` },
  };
}

/** Whether an event is sold, as the API shows it. */
export function presentWindow({ saleState, salesStart, salesEnd }: SaleTimes): SaleWindow {
  return {
    state: saleState,
    opensAt: salesStart?.toISOString() ?? null,
    closesAt: salesEnd?.toISOString() ?? null,
  };
}

type SaleTimes = Pick<EventRow, "saleState" | "salesStart" | "salesEnd">;

function presentTicketType(row: TicketTypeRow): Event["ticketTypes"][number] {
  const { salesStart, salesEnd, pools, ...type } = row;
  return {
    ...type,
    ...(pools === undefined ? {} : { pools: [...pools] }),
    ...(salesStart === undefined ? {} : { salesStart: new Date(salesStart).toISOString() }),
    ...(salesEnd === undefined ? {} : { salesEnd: new Date(salesEnd).toISOString() }),
  };
}

/** A ticket type's stock as the API shows it. */
export function presentInventory(eventCode: string, { isHidden: _, ...row }: InventoryRow): Inventory {
  return { eventCode, ...row };
}
