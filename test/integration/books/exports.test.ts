// Exports of orders over HTTP: they equal the database, wait for slow readers without holding anything, and never end
// properly when they are not complete.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Order, OrderPage } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { openTextStream } from "@onsale/gateway/http/text-stream";
import fastify from "fastify";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { decideAll, readOrders } from "../../support/database/sale.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import { openExport, parseCsv, readExport } from "../../support/http/export.ts";
import { startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const basket = [
  { ticketType: "STANDARD", quantity: 2 },
  { ticketType: "VIP", quantity: 1 },
];
const prices = { STANDARD: { amount: 4_500, currency: "EUR" } };

describe("an export of orders", () => {
  let db: Db;
  let api: Api;
  let databaseUrl: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    api = createApi((await startGateway({ DATABASE_URL: databaseUrl })).url);
  });

  const pathOf = ({ code }: TestEvent, format: "csv" | "ndjson", query = "") =>
    `${api.baseUrl}/api/v1/events/${code}/orders.${format}${query}`;

  /** Orders of all kinds, in more than two pages. */
  async function arrange() {
    const event = await createTestEvent(db, { STANDARD: 600, VIP: 40 });
    await placeOrders(db, event, [
      ...times(300, { terms: { prices }, customerRef: "=cmd|' /C calc'!A0,\"x\"" }),
      ...times(40, { ticketType: null, quantity: 3, terms: { lines: basket, prices, holdSeconds: 600 } }),
      ...times(300, { quantity: 1 }),
    ]);
    await decideAll(db, event.id);
    await placeOrders(db, event, times(3, {}));
    return event;
  }

  /** A reader that has taken nothing of more orders than fit into the buffers on the way. */
  async function arrangeMany(count = 40_000) {
    const event = await createTestEvent(db, { STANDARD: 1 });
    await sql`
      INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint)
      SELECT gen_random_uuid(), account_id, id, 'STANDARD', 1, 'optimistic', code || n, '\\x00'
      FROM events, generate_series(1, ${count}::int) n WHERE id = ${event.id} ORDER BY n`.execute(db);
    return event;
  }

  it("as NDJSON has every order as the API shows it, by arrival, and says that it is complete", async () => {
    const event = await arrange();
    const { text, headers, trailers } = await readExport(pathOf(event, "ndjson"));
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines.pop(), { end: { orders: 643 } });
    assert.equal(trailers["x-orders-count"], "643");
    assert.equal(headers["content-type"], "application/x-ndjson");
    const shown = await listed(`event=${event.code}`);
    assert.deepEqual(lines, shown.reverse());
  });

  /** All orders of a list, page by page. */
  async function listed(query: string): Promise<Order[]> {
    const orders: Order[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await api.get<OrderPage>(`/api/v1/orders?${query}&size=100${cursor}`);
      orders.push(...body.content);
      if (body.nextCursor === null) return orders;
      cursor = `&cursor=${body.nextCursor}`;
    }
  }

  it("as CSV has the tickets and amounts of the database, and nothing that is a formula", async () => {
    const event = await arrange();
    const { text, headers, trailers } = await readExport(pathOf(event, "csv"));
    const rows = parseCsv(text);
    assert.equal(headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert.equal(headers["content-disposition"], `attachment; filename="${event.code}-orders.csv"`);
    assert.equal(trailers["x-orders-count"], "643");
    const orders = await readOrders(db, event);
    assert.deepEqual(
      [...new Set(rows.map((row) => row.order_id))],
      orders.map(({ id }) => id),
    );
    const sum = (status: string, column: string) =>
      rows.reduce((total, row) => total + (row.status === status ? Number(row[column]) : 0), 0);
    const inventory = await api.inventory(event.code);
    const inAll = (name: "sold" | "held") => inventory.reduce((total, stock) => total + stock[name], 0);
    assert.deepEqual([sum("CONFIRMED", "tickets"), sum("HELD", "tickets")], [inAll("sold"), inAll("held")]);
    assert.deepEqual([sum("CONFIRMED", "amount_minor"), sum("HELD", "amount_minor")], [300 * 4_500, 80 * 4_500]);
    assert.deepEqual([sum("REJECTED", "tickets"), sum("PENDING", "tickets")], [0, 0]);
    assert.equal(rows[0]?.customer_ref, "'=cmd|' /C calc'!A0,\"x\"");
    assert(!rows.some((row) => Object.values(row).some((cell) => /^[=+\-@]/.test(cell))));
  });

  it("has only the orders of a status or a time, and continues after any order", async () => {
    const event = await arrange();
    await sql`
      UPDATE orders SET created_at = timestamptz '2030-01-01Z' + (orders.seq - first.seq) * interval '1 minute'
      FROM (SELECT min(seq) AS seq FROM orders WHERE event_id = ${event.id}) AS first
      WHERE event_id = ${event.id}`.execute(db);
    const orders = await readOrders(db, event);
    const idsOf = async (query: string) =>
      parseCsv((await readExport(pathOf(event, "csv", query))).text).map((row) => row.order_id);
    const expected = (matches: (order: (typeof orders)[number]) => boolean) =>
      orders.filter(matches).map(({ id }) => id);

    assert.deepEqual(
      await idsOf("?status=PENDING"),
      expected(({ status }) => status === "PENDING"),
    );
    const [from, to] = [new Date("2030-01-01T05:30:00Z"), new Date("2030-01-01T06:00:00Z")];
    assert.deepEqual(
      [...new Set(await idsOf(`?from=${from.toISOString()}&to=${to.toISOString()}`))],
      expected(({ createdAt }) => createdAt >= from && createdAt < to),
    );
    const last = orders[399];
    assert(last !== undefined);
    assert.deepEqual(
      await idsOf(`?after=${last.id}`),
      expected(({ seq }) => seq > last.seq),
    );
    assert.deepEqual(await idsOf(`?after=${orders.at(-1)?.id}`), []);
  });

  it("waits for its reader without a connection, and is one of a few of an account", async () => {
    const event = await arrangeMany();
    const readers = await Promise.all(times(4, "ndjson" as const).map((format) => openExport(pathOf(event, format))));
    assert.deepEqual(
      readers.map(({ statusCode }) => statusCode),
      times(4, 200),
    );
    const { status, body, headers } = await api.get<Problem>(`/api/v1/events/${event.code}/sales`);
    assert.deepEqual([status, body.code, headers.get("retry-after")], [503, "overloaded", "1"]);
    // Each reader has been sent what fits into the buffers on the way; then the gateway reads no more.
    await untilTrue("no statement runs", async () => (await busyCount()) === 0);
    assert.equal((await api.get("/api/v1/orders")).status, 200);

    // A reader that leaves gives its place to another one.
    readers[0]?.destroy();
    await untilTrue("an export begins", async () => {
      const { statusCode } = await openExport(pathOf(event, "csv"));
      return statusCode === 200;
    });
    for (const reader of readers) reader.destroy();
  });

  /** Connections of the gateway that are in a transaction or run a statement. */
  async function busyCount(): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
        AND backend_type = 'client backend'`.execute(db);
    return rows[0]?.count ?? 0;
  }

  it("goes on after PostgreSQL has ended its connections", async () => {
    const event = await arrangeMany();
    const response = await openExport(pathOf(event, "ndjson"));
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`.execute(db);
    let text = "";
    for await (const chunk of response) text = `${text.slice(-100)}${chunk}`;
    assert(text.endsWith('{"end":{"orders":40000}}\n'));
  });

  it("is cut, and not ended, when its gateway stops", async () => {
    const event = await arrangeMany();
    const gateway = await startGateway({ DATABASE_URL: databaseUrl });
    const response = await openExport(`${gateway.url}/api/v1/events/${event.code}/orders.ndjson`);
    const reading = (async () => {
      for await (const _ of response) await new Promise(setImmediate);
    })();
    const stopped = gateway.stop();
    await assert.rejects(reading, { code: "ECONNRESET" });
    assert.equal(await stopped, 0);
  });

  it("is cut when its reader takes nothing for too long", async () => {
    const app = fastify();
    const ended = Promise.withResolvers<void>();
    app.get("/", async (_request, reply) => {
      const stream = openTextStream(reply, 200);
      stream.onEnd(ended.resolve);
      async function* endless() {
        for (;;) yield "x".repeat(100_000);
      }
      return stream.send(endless());
    });
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    atEnd(() => app.close());
    const response = await openExport(url);
    await ended.promise;
    await assert.rejects(async () => {
      for await (const _ of response);
    });
  });

  it("refuses unknown filters, a last order of another event, and unknown events", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const [foreign] = await placeOrders(db, await createTestEvent(db, { STANDARD: 1 }));
    const refusal = async (path: string) => {
      const { status, body } = await api.get<Problem>(`/api/v1/events/${path}`);
      return [status, body.code, body.errors?.[0]?.pointer];
    };
    const of = (query: string) => refusal(`${event.code}/orders.csv?${query}`);
    assert.deepEqual(await of("status=SOLD"), [400, "validation-failed", "/query/status"]);
    assert.deepEqual(await of("from=2030-02-30T00:00:00Z"), [400, "validation-failed", "/query/from"]);
    assert.deepEqual(await of("after=1"), [400, "validation-failed", "/query/after"]);
    assert.deepEqual(await of(`after=${foreign?.id}`), [400, "validation-failed", "/query/after"]);
    assert.deepEqual(await of("limit=1"), [400, "validation-failed", "/query/limit"]);
    assert.deepEqual(await refusal("NONE/orders.ndjson"), [404, "event-not-found", undefined]);
    // Refusals give their places back.
    for (let n = 0; n < 6; n++) await of(`after=${foreign?.id}`);
    assert.equal((await readExport(pathOf(event, "csv"))).status, 200);
  });
});
