// What a purchase asks for, after its shorter forms are written out; pure.
import type { Purchase } from "@onsale/contracts/order";
import { holdSecondsDefault, orderQuantityMax } from "@onsale/contracts/values";
import { countTickets, type Line, sumLines } from "./decide.ts";

export type Demand = Readonly<{
  eventCode: string;
  /** One line for each ticket type, in the order in which the request names them. */
  lines: readonly Line[];
  /** For how long the tickets are held; null when the order is confirmed at once. */
  holdSeconds: number | null;
  /** Only of several lines: of one line there is no part. */
  allowPartial: boolean;
  customerRef: string | null;
  /** Waits when too few tickets are left. */
  waitlist: boolean;
  accessCode: string | null;
}>;

/** What is wrong with a field; `pointer` is a JSON Pointer into the body. */
export type DemandFault = Readonly<{ pointer: string; detail: string }>;

/** Reads a purchase that matches its schema. */
export function readDemand(purchase: Purchase): Readonly<{ demand: Demand } | { faults: readonly DemandFault[] }> {
  const faults = findFaults(purchase);
  if (faults.length > 0) return { faults };
  const { eventCode, ticketType = "", quantity = 0, customerRef = null } = purchase;
  const lines = purchase.items === undefined ? [{ ticketType, quantity }] : sumLines(purchase.items);
  if (countTickets(lines) > orderQuantityMax) {
    return { faults: [{ pointer: "/items", detail: `must ask for at most ${orderQuantityMax} tickets` }] };
  }
  const holdSeconds = purchase.holdSeconds ?? (purchase.hold === true ? holdSecondsDefault : null);
  const allowPartial = purchase.allowPartial === true && lines.length > 1;
  const { waitlist = false, accessCode = null } = purchase;
  return { demand: { eventCode, lines, holdSeconds, allowPartial, customerRef, waitlist, accessCode } };
}

function findFaults({ ticketType, quantity, items, hold, holdSeconds }: Purchase): DemandFault[] {
  const faults: DemandFault[] = [];
  if (items === undefined) {
    if (ticketType === undefined) faults.push({ pointer: "/ticketType", detail: "is required" });
    if (quantity === undefined) faults.push({ pointer: "/quantity", detail: "is required" });
  } else if (ticketType !== undefined || quantity !== undefined) {
    faults.push({ pointer: "/items", detail: "must not come together with ticketType or quantity" });
  }
  if (hold === false && holdSeconds !== undefined) {
    faults.push({ pointer: "/holdSeconds", detail: "must not come together with hold: false" });
  }
  return faults;
}
