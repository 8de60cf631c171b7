// Examples of an event's books: what it sold, exports, the audit and the stream of its sale.
import type { Audit } from "@onsale/contracts/audit";
import type { SalesReport } from "@onsale/contracts/books";
import type { Sale } from "@onsale/contracts/sale";
import { csvHead } from "../../books/csv.ts";
import { stock } from "./events.ts";
import { eventCode, orderId } from "./ids.ts";
import { type ExamplesByOperation, only } from "./operation-examples.ts";
import { confirmedByPayment, message } from "./orders.ts";

const movements = {
  held: 30,
  sold: 1_204,
  soldFromHold: 0,
  released: 0,
  expired: 0,
  cancelled: 4,
  rejected: [{ reason: "insufficient-stock", orders: 3, tickets: 12 }],
  revenue: [{ amount: 5_418_000, currency: "EUR" }],
  refunds: [{ amount: 18_000, currency: "EUR" }],
};

const report: SalesReport = {
  eventCode,
  at: "2026-12-01T09:01:00.000Z",
  from: null,
  to: null,
  interval: "minute",
  orders: { waiting: 0, held: 12, confirmed: 588, rejected: 3, expired: 0, cancelled: 2 },
  totals: [{ ticketType: "STANDARD", netSold: 1_200, netHeld: 30, ...movements }],
  content: [{ start: "2026-12-01T09:00:00.000Z", ticketType: "STANDARD", ...movements }],
};

const audit: Audit = {
  eventCode,
  ok: true,
  checkedAt: "2026-12-01T09:01:00.000Z",
  orders: { total: 605, pending: 0, held: 12, confirmed: 588, rejected: 3, expired: 0, cancelled: 2 },
  checks: [
    {
      invariant: 2,
      name: "the quantities of held and confirmed orders add up to allocated",
      ok: true,
      violations: 0,
      examples: [],
    },
  ],
};

const sale: Sale = {
  eventCode,
  at: "2026-12-01T09:01:00.000Z",
  sale: { state: "open", opensAt: "2026-12-01T09:00:00.000Z", closesAt: "2026-12-20T23:00:00.000Z" },
  inventory: [...stock],
  pending: 120,
  decidedPerSecond: 640,
};

const csvRow =
  `${orderId},2026-12-01T09:00:00.412Z,2026-12-01T09:00:00.437Z,CONFIRMED,${eventCode},STANDARD,2,2,4500,9000,EUR,` +
  "customer-4711,pay_8Jk2,,\r\n";

export const bookOperations: ExamplesByOperation = {
  getSales: { answers: { 200: only("The first minute of a sale", report) } },
  exportOrdersAsCsv: { answers: { 200: only("One order", csvHead + csvRow) } },
  exportOrdersAsNdjson: {
    answers: { 200: only("One order", `${JSON.stringify(confirmedByPayment)}\n{"end":{"orders":1}}\n`) },
  },
  auditEvent: { answers: { 200: only("Every invariant holds", audit) } },
  watchSale: { answers: { 200: only("The state of a sale", message("sale", 7, sale)) } },
  getLiveness: { answers: { 200: only("The process is alive", { status: "UP" }) } },
  getReadiness: health(),
  getActuatorHealth: health(),
  getMetrics: exposition(),
  getActuatorPrometheus: exposition(),
};

function health() {
  return {
    answers: { 200: only("Purchases are accepted", { status: "UP" }), 503: only("Not yet", { status: "DOWN" }) },
  };
}

function exposition() {
  const text = "# TYPE orders_accepted_total counter\norders_accepted_total 605\n";
  return { answers: { 200: only("A counter", text) } };
}
