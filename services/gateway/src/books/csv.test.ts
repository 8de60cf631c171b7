import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { OrderFacts } from "@onsale/contracts/present-order";
import { csvHead, csvRows } from "./csv.ts";

const order: OrderFacts = {
  id: "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10",
  eventCode: "EVNT",
  ticketType: "STANDARD",
  quantity: 2,
  terms: { prices: { STANDARD: { amount: 4_500, currency: "EUR" } } },
  items: null,
  status: "CONFIRMED",
  reason: null,
  shortage: null,
  strategy: "optimistic",
  customerRef: null,
  paymentReference: null,
  createdAt: new Date("2030-01-01T10:00:00Z"),
  decidedAt: new Date("2030-01-01T10:00:01Z"),
  expiresAt: null,
  version: 2,
};

/** Some cells of an order's rows, by the names of their columns; for orders without quotes. */
function cells(part: Partial<OrderFacts>, ...names: readonly string[]): string[][] {
  const columns = csvHead.trimEnd().split(",");
  const rows = csvRows({ ...order, ...part }).split("\r\n");
  assert.equal(rows.pop(), "");
  return rows.map((row) => names.map((name) => row.split(",")[columns.indexOf(name)] ?? "missing"));
}

const figures = ["ticket_type", "requested", "tickets", "unit_price_minor", "amount_minor", "currency"];

describe("an order as CSV", () => {
  it("has one row for each ticket type that it asked for, with what it has now", () => {
    assert.deepEqual(cells({}, ...figures), [["STANDARD", "2", "2", "4500", "9000", "EUR"]]);
    const lines = [
      { ticketType: "STANDARD", quantity: 2 },
      { ticketType: "VIP", quantity: 1 },
    ];
    const basket = { ticketType: null, quantity: 3, terms: { ...order.terms, lines } };
    const kept = [{ ticketType: "STANDARD", quantity: 1 }];
    assert.deepEqual(cells({ ...basket, items: kept }, ...figures), [
      ["STANDARD", "2", "1", "4500", "4500", "EUR"],
      ["VIP", "1", "0", "", "", ""],
    ]);
  });

  it("has no tickets and no amount unless it is held or confirmed", () => {
    for (const status of ["PENDING", "REJECTED", "EXPIRED", "CANCELLED"] as const) {
      assert.deepEqual(cells({ status }, "status", "requested", "tickets", "amount_minor"), [[status, "2", "0", "0"]]);
    }
    assert.deepEqual(cells({ status: "HELD" }, "tickets"), [["2"]]);
  });

  it("quotes what needs quotes (RFC 4180)", () => {
    assert(csvRows({ ...order, customerRef: 'a,"b"' }).includes(',"a,""b""",'));
  });

  it("has no text that a spreadsheet takes for a formula", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)"]) {
      assert.deepEqual(cells({ customerRef: text, paymentReference: text }, "customer_ref", "payment_reference"), [
        [`'${text}`, `'${text}`],
      ]);
    }
    assert(csvRows({ ...order, customerRef: '=HYPERLINK("x","y")' }).includes(`"'=HYPERLINK(""x"",""y"")"`));
    assert.deepEqual(cells({ customerRef: "a=1" }, "customer_ref"), [["a=1"]]);
  });
});
