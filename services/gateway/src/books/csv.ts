// Orders as CSV (RFC 4180), for accountants: one row for each ticket type that an order asked for, so that a sum over
// any column of figures is right. `tickets` and `amount_minor` are what the order has now: 0 unless it is HELD or
// CONFIRMED. Amounts are whole numbers in the currency's minor unit, which no program can read in another way because
// of its language.
import { type OrderFacts, requestedLines } from "@onsale/contracts/present-order";
import { hasTickets } from "@onsale/domain/order-status";

/** What spreadsheets take for the beginning of a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
const formulaStart = /^[=+\-@\t\r\n]/;

const csvColumns = [
  "order_id",
  "created_at",
  "decided_at",
  "status",
  "event_code",
  "ticket_type",
  "requested",
  "tickets",
  "unit_price_minor",
  "amount_minor",
  "currency",
  "customer_ref",
  "payment_reference",
  "rejection_reason",
  "expires_at",
] as const;

/** The names of the columns, with the line end. */
export const csvHead = toRow(csvColumns);

/** The rows of an order, each with its line end. */
export function csvRows(order: OrderFacts): string {
  const requested = requestedLines(order);
  const current = new Map((order.items ?? requested).map(({ ticketType, quantity }) => [ticketType, quantity]));
  const rows = requested.map(({ ticketType, quantity }) => {
    const tickets = hasTickets(order.status) ? (current.get(ticketType) ?? 0) : 0;
    const price = order.terms?.prices?.[ticketType];
    return toRow([
      order.id,
      order.createdAt.toISOString(),
      order.decidedAt?.toISOString() ?? "",
      order.status,
      order.eventCode,
      ticketType,
      String(quantity),
      String(tickets),
      price === undefined ? "" : String(price.amount),
      price === undefined ? "" : String(price.amount * tickets),
      price?.currency ?? "",
      order.customerRef ?? "",
      order.paymentReference ?? "",
      order.reason ?? "",
      order.expiresAt?.toISOString() ?? "",
    ]);
  });
  return rows.join("");
}

function toRow(cells: readonly string[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

/** A text that could be a formula gets an apostrophe in front, so that a spreadsheet takes it for a text. */
function toCell(text: string): string {
  const harmless = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
