// The books of an event.
import type { ExportEnd, SalesReport } from "../../../../packages/client/src/wire/sales.ts";
import { type Described, money } from "./notation.ts";

const movements = {
  held: "number",
  sold: "number",
  soldFromHold: "number",
  released: "number",
  expired: "number",
  cancelled: "number",
  rejected: [{ reason: "string", orders: "number", tickets: "number" }],
  revenue: [money],
  refunds: [money],
} as const;

export const describedSales = {
  SalesReport: {
    eventCode: "string",
    at: "string",
    from: { orNull: "string" },
    to: { orNull: "string" },
    interval: { oneOf: { minute: true, hour: true, day: true } },
    orders: {
      waiting: "number",
      held: "number",
      confirmed: "number",
      rejected: "number",
      expired: "number",
      cancelled: "number",
    },
    totals: [{ ticketType: "string", netSold: "number", netHeld: "number", ...movements }],
    content: [{ start: "string", ticketType: "string", ...movements }],
  } satisfies Described<SalesReport>,
  ExportEnd: { end: { orders: "number" } } satisfies Described<ExportEnd>,
};
