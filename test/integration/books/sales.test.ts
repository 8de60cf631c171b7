// The sales report over HTTP: after random sales it agrees with the inventory, with the audit, and with each order's
// history.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Audit } from "@onsale/contracts/audit";
import type { SalesReport } from "@onsale/contracts/books";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { summariseSales } from "@onsale/database/statements/events/summarise-sales";
import type { NewOrder } from "@onsale/database/statements/orders/insert-orders";
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import { readHistory } from "@onsale/database/statements/transitions/read-history";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { orderAt } from "@onsale/domain/past-order";
import { createSalesReport } from "@onsale/gateway/books/sales-report";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent } from "../../support/database/factories.ts";
import { expireHold } from "../../support/database/holds.ts";
import { decideAll, readOrders } from "../../support/database/sale.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { createRandom } from "../../support/random.ts";
import { startGateway } from "../../support/services/services.ts";

const prices = { STANDARD: { amount: 4_500, currency: "EUR" }, VIP: { amount: 9_000, currency: "CHF" } };
const basket = [
  { ticketType: "STANDARD", quantity: 2 },
  { ticketType: "VIP", quantity: 1 },
];
const orderKinds: readonly [Partial<NewOrder>, ...Partial<NewOrder>[]] = [
  { quantity: 2 },
  { quantity: 3, terms: { prices } },
  { quantity: 4, terms: { holdSeconds: 600, prices } },
  { ticketType: null, quantity: 3, terms: { lines: basket, prices } },
  { ticketType: null, quantity: 3, terms: { lines: basket, holdSeconds: 600, prices } },
  { ticketType: null, quantity: 3, terms: { lines: basket, holdSeconds: 600, allowPartial: true } },
];

describe("the sales report", () => {
  let db: Db;
  let api: Api;
  let submit: (event: TestEvent, orderId: string, wish: Wish) => Promise<string>;

  before(async () => {
    const url = await createTestDatabase();
    db = connect(url);
    api = createApi((await startGateway({ DATABASE_URL: url })).url);
    const transitions = createTransitions(db, createMetrics(), () => undefined);
    submit = async ({ accountId }, orderId, wish) => {
      const request = { accountId, orderId, actor: "test", wish, key: null, matches: () => true };
      return (await transitions.submit(request)).outcome.kind;
    };
  });

  const read = async ({ code }: TestEvent, query = "") =>
    (await api.get<SalesReport & Problem>(`/api/v1/events/${code}/sales${query}`)).body;

  /** Orders of all kinds, which are then changed at random; returns of each round are on sale in the next one. */
  async function sell({ random }: Pick<ReturnType<typeof createRandom>, "random">, roundCount: number) {
    const int = (below: number) => Math.floor(random() * below);
    const pick = <T>([first, ...rest]: readonly [T, ...T[]]): T => rest[int(rest.length + 1) - 1] ?? first;
    const event = await createTestEvent(db, { STANDARD: 60, VIP: 15 });
    const wishes = (order: OrderRow): [Wish, ...Wish[]] => [
      { kind: "confirm", reference: pick(["pay-1", null]) },
      { kind: "cancel", items: null, reason: null },
      { kind: "cancel", items: [{ ticketType: pick(["STANDARD", "VIP"]), quantity: 1 }], reason: "one less" },
      { kind: "extend", holdSeconds: 900 + (order.seq % 100) },
    ];
    for (let round = 0; round < roundCount; round++) {
      await placeOrders(
        db,
        event,
        Array.from({ length: 12 }, () => pick(orderKinds)),
      );
      await decideAll(db, event.id, 5);
      for (const order of await readOrders(db, event)) {
        if (int(2) === 0) continue;
        if (order.status === "HELD" && int(3) === 0) await expireHold(db, order.id);
        await submit(event, order.id, pick(wishes(order)));
      }
      if (int(3) > 0) await applyReturns(db, [bucketOf(event.id)]);
      await decideAll(db, event.id);
    }
    return event;
  }

  it("agrees with the inventory, the audit and every order's history", async () => {
    const random = createRandom();
    const event = await sell(random, 6);
    const report = await read(event);

    const { orders, ok } = (await api.get<Audit>(`/api/v1/events/${event.code}/audit`)).body;
    assert(ok);
    const { total: _total, pending, ...counted } = orders;
    assert.deepEqual([report.orders, pending], [{ waiting: 0, ...counted }, 0]);

    const soldOf = ({ ticketType, netSold }: SalesReport["totals"][number]) => [ticketType, netSold];
    const inventory = await getInventory(db, event.id);
    assert.deepEqual(
      report.totals.map(soldOf),
      inventory.map(({ ticketType, sold }) => [ticketType, sold]),
    );
    assert.deepEqual(
      report.totals.map(({ ticketType, netHeld }) => [ticketType, netHeld]),
      await heldTickets(event, inventory),
    );
    assert.deepEqual(await historyTotals(event), totalsOf(report), `seed ${random.seed}`);
    assert.deepEqual(sumsOf(report.content), sumsOf(report.totals));
  });

  /** Tickets of holds: the inventory also counts those that came back and are not on sale yet as held. */
  async function heldTickets({ id }: TestEvent, inventory: readonly Readonly<{ ticketType: string }>[]) {
    const { rows } = await sql<{ ticket_type: string; quantity: number }>`
      SELECT ticket_type, sum(quantity)::int AS quantity FROM holds WHERE event_id = ${id} GROUP BY 1`.execute(db);
    return inventory.map(({ ticketType }) => {
      return [ticketType, rows.find((row) => row.ticket_type === ticketType)?.quantity ?? 0];
    });
  }

  /** What each order had before and after each of its transitions, by the code that also builds webhooks. */
  async function historyTotals(event: TestEvent): Promise<Record<string, number>> {
    const totals: Record<string, number> = {};
    const add = (ticketType: string, name: string, tickets: number) => {
      if (tickets !== 0) totals[`${ticketType} ${name}`] = (totals[`${ticketType} ${name}`] ?? 0) + tickets;
    };
    for (const order of await readOrders(db, event)) {
      const history = await readHistory(db, order.id);
      const has = (version: number) => {
        const past = orderAt(order, history.slice(1), version);
        const isIn = past.status === "HELD" || past.status === "CONFIRMED";
        return { past, lines: new Map(linesOf(past).map((line) => [line.ticketType, isIn ? line.quantity : 0])) };
      };
      for (const { version, from, to } of history) {
        const before = version === 2 ? undefined : has(version - 1);
        const after = has(version);
        for (const { ticketType, quantity } of linesOf(before?.past ?? after.past)) {
          const moved = (after.lines.get(ticketType) ?? 0) - (before?.lines.get(ticketType) ?? 0);
          if (to === "REJECTED") add(ticketType, `rejected ${order.reason}`, quantity);
          else if (from === "HELD" && to === "CONFIRMED") {
            add(ticketType, "sold", quantity);
            add(ticketType, "soldFromHold", quantity);
          } else if (moved > 0) add(ticketType, to === "HELD" ? "held" : "sold", moved);
          else if (moved < 0) add(ticketType, lossOf(from, to), -moved);
        }
      }
    }
    return totals;
  }

  const lossOf = (from: string, to: string) => {
    if (from === "CONFIRMED") return "cancelled";
    return to === "EXPIRED" ? "expired" : "released";
  };

  const linesOf = ({ items, ticketType, quantity, terms }: OrderRow) =>
    items ?? terms?.lines ?? [{ ticketType: ticketType ?? "", quantity }];

  function totalsOf({ totals }: SalesReport): Record<string, number> {
    const names = ["held", "sold", "soldFromHold", "released", "expired", "cancelled"] as const;
    return Object.fromEntries(
      totals.flatMap((total) => [
        ...names.filter((name) => total[name] > 0).map((name) => [`${total.ticketType} ${name}`, total[name]]),
        ...total.rejected.map(({ reason, tickets }) => [`${total.ticketType} rejected ${reason}`, tickets]),
      ]),
    );
  }

  function sumsOf(lines: readonly Pick<SalesReport["totals"][number], "held" | "sold" | "revenue" | "refunds">[]) {
    const amounts = (name: "revenue" | "refunds", wanted: string) =>
      lines
        .flatMap((line) => line[name])
        .reduce((sum, { amount, currency }) => sum + (currency === wanted ? amount : 0), 0);
    return {
      held: lines.reduce((sum, { held }) => sum + held, 0),
      sold: lines.reduce((sum, { sold }) => sum + sold, 0),
      eur: [amounts("revenue", "EUR"), amounts("refunds", "EUR")],
      chf: [amounts("revenue", "CHF"), amounts("refunds", "CHF")],
    };
  }

  it("is the same in pages of any size", async () => {
    const event = await sell(createRandom(), 2);
    const query = { eventId: event.id, from: null, to: null, intervalSeconds: 60 };
    const head = { eventCode: event.code, at: new Date(0), from: null, to: null, interval: "minute" } as const;
    const inPages = async (size: number) => {
      const report = createSalesReport();
      const through = 1_000_000;
      for (let after = 0; after < through; ) {
        const page = await summariseSales(db, query, { after, through }, size);
        for (const row of page.rows) report.add(row);
        after = page.through;
      }
      return report.finish(head);
    };
    const whole = await inPages(5_000);
    assert.deepEqual(await inPages(1), whole);
    assert.deepEqual(await inPages(7), whole);
    assert(whole.totals.length === 2);
  });

  it("has the revenue and the refunds of tickets with a price, by currency", async () => {
    const event = await createTestEvent(db, { STANDARD: 10, VIP: 10 });
    const [first, second] = await placeOrders(db, event, [
      { quantity: 2, terms: { prices } },
      { ticketType: null, quantity: 3, terms: { lines: basket, prices } },
      { quantity: 1 },
      { quantity: 9 },
    ]);
    assert(first !== undefined && second !== undefined);
    await decideAll(db, event.id);
    const items = [{ ticketType: "STANDARD", quantity: 1 }];
    assert.equal(await submit(event, second.id, { kind: "cancel", items, reason: null }), "changed");
    const { totals } = await read(event);
    const shown = totals.map(({ ticketType, revenue, refunds, netSold, rejected }) => {
      return { ticketType, revenue, refunds, netSold, rejected };
    });
    assert.deepEqual(shown, [
      {
        ticketType: "STANDARD",
        revenue: [{ amount: 18_000, currency: "EUR" }],
        refunds: [{ amount: 4_500, currency: "EUR" }],
        netSold: 4,
        rejected: [{ reason: "insufficient-stock", orders: 1, tickets: 9 }],
      },
      { ticketType: "VIP", revenue: [{ amount: 9_000, currency: "CHF" }], refunds: [], netSold: 1, rejected: [] },
    ]);
  });

  it("has parts of the time that add up to the whole, each by the time of what happened", async () => {
    const event = await createTestEvent(db, { STANDARD: 1_000 });
    for (let hour = 0; hour < 6; hour++) {
      const placed = await placeOrders(db, event, [{ quantity: 2 }, { quantity: 3 }]);
      await decideAll(db, event.id);
      await submit(event, placed[0]?.id ?? "", { kind: "cancel", items: null, reason: null });
    }
    // Each round in an hour of its own: the cancellation half an hour after the decisions.
    await sql`
      UPDATE orders SET created_at = at, decided_at = at
      FROM (SELECT id, timestamptz '2030-01-01 00:30Z' + ((row_number() OVER (ORDER BY seq) - 1) / 2) * interval '1 hour' AS at
            FROM orders WHERE event_id = ${event.id}) AS placed
      WHERE placed.id = orders.id`.execute(db);
    await sql`
      UPDATE order_history h SET at = o.decided_at + interval '30 minutes'
      FROM orders o WHERE o.id = h.order_id AND o.event_id = ${event.id}`.execute(db);
    const rows = async (query: string) =>
      (await read(event, query)).content.map(({ start, sold, cancelled }) => [start.slice(11, 16), sold, cancelled]);
    assert.deepEqual(await rows("?interval=hour&from=2030-01-01T02:00:00Z&to=2030-01-01T05:00:00Z"), [
      ["02:00", 5, 2],
      ["03:00", 5, 2],
      ["04:00", 5, 2],
    ]);
    assert.deepEqual(await rows("?from=2030-01-01T02:30:00Z&to=2030-01-01T03:00:00Z"), [["02:30", 5, 0]]);
    assert.deepEqual(await rows("?interval=day"), [["00:00", 30, 12]]);
    assert.deepEqual(await rows("?from=2031-01-01T00:00:00Z"), []);
    const first = await read(event, "?to=2030-01-01T03:00:00Z");
    const second = await read(event, "?from=2030-01-01T03:00:00Z");
    assert.deepEqual(
      [first.orders.confirmed + second.orders.confirmed, first.orders.cancelled + second.orders.cancelled],
      [6, 6],
    );
  });

  it("counts no order behind one that has no decision", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    await placeOrders(db, event);
    await decideAll(db, event.id);
    await placeOrders(db, event);
    const { orders, totals } = await read(event);
    assert.deepEqual([orders.confirmed, totals[0]?.netSold], [1, 1]);
  });

  it("refuses times that are none, a range that ends before it begins, and unknown events", async () => {
    const { code } = await createTestEvent(db, { STANDARD: 1 });
    const refusal = async (path: string) => {
      const { status, body } = await api.get<Problem>(`/api/v1/events/${path}`);
      return [status, body.code, body.errors?.[0]?.pointer];
    };
    assert.deepEqual(await refusal(`${code}/sales?from=yesterday`), [400, "validation-failed", "/query/from"]);
    assert.deepEqual(await refusal(`${code}/sales?interval=week`), [400, "validation-failed", "/query/interval"]);
    const backwards = "from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z";
    assert.deepEqual(await refusal(`${code}/sales?${backwards}`), [400, "validation-failed", "/query/to"]);
    assert.deepEqual(await refusal(`${code}/sales?per=day`), [400, "validation-failed", "/query/per"]);
    assert.deepEqual(await refusal("NONE/sales"), [404, "event-not-found", undefined]);
  });
});
