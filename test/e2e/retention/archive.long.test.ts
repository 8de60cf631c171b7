// Orders of past events are moved to files. Each test has an event of its own; another event is on sale all the time.
import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Db } from "@onsale/database/client";
import { forgetCustomer } from "@onsale/database/statements/orders/forget-customer";
import { type RawBuilder, sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { placePendingOrders } from "../../support/database/backlog.ts";
import { connect } from "../../support/database/database.ts";
import { defaultAccountId } from "../../support/database/factories.ts";
import type { Api } from "../../support/http/api.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation, untilAllDecided } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";
import { endEvent, type PastEvent, sellPastEvent } from "../../support/services/scenarios/past-event.ts";
import { untilTrue } from "../../support/until.ts";
import { createEndpoint } from "../../support/webhooks/webhook-factories.ts";

type Archived = Readonly<{ digest: string; orders: number; left: number }>;

let db: Db;
let api: Api;
let cli: ReturnType<typeof createCli>;
const folder = mkdtempSync(join(tmpdir(), "onsale-archive-"));
atEnd(() => rmSync(folder, { recursive: true, force: true }));
let fileCount = 0;
const newFile = () => join(folder, `${fileCount++}.ndjson.gz`);

before(async () => {
  const installation = await startInstallation(postgresQueues);
  ({ api } = installation);
  db = connect(installation.databaseUrl);
  cli = createCli({ DATABASE_URL: installation.databaseUrl, ONSALE_URL: api.baseUrl });
});

const archive = (code: string, file: string) => cli.run("orders", "archive", "--event", code, "--to", file);
const verify = (file: string) => cli.run("orders", "archive", "--verify", file);
const countOrders = async (code: string) => {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) FROM orders WHERE event_id = (SELECT id FROM events WHERE code = ${code})`.execute(db);
  return rows[0]?.count ?? 0;
};
const countRows = async (table: string, { sold }: PastEvent) => {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) FROM ${sql.table(table)} WHERE order_id = ANY(${sold.map(({ id }) => id)}::uuid[])`.execute(db);
  return rows[0]?.count ?? 0;
};
const idsIn = (file: string): string[] =>
  gunzipSync(readFileSync(file))
    .toString()
    .split("\n")
    .filter((line) => line.includes('"kind" : "order"'))
    .map((line) => JSON.parse(line).row.id);

/** Locks an order; the returned function changes it, if it is told how, and unlocks it. */
async function lockOrder(id: string) {
  const locking = await db.startTransaction().execute();
  await sql`SELECT FROM orders WHERE id = ${id} FOR UPDATE`.execute(locking);
  // PostgreSQL would end a transaction that is idle for some seconds, and with it the lock.
  const keepAlive = setInterval(() => void sql`SELECT`.execute(locking), 500);
  atEnd(async () => {
    clearInterval(keepAlive);
    if (!locking.isCommitted && !locking.isRolledBack) await locking.rollback().execute();
  });
  return async (change?: RawBuilder<unknown>) => {
    clearInterval(keepAlive);
    await change?.execute(locking);
    await locking.commit().execute();
  };
}

describe("an archive", () => {
  it("has every order with its history, payments and webhooks; afterwards the database has none of them", async () => {
    const event = await sellPastEvent(db, api, 20);
    const { code, sold } = event;
    const forgotten = { accountId: defaultAccountId, customerRef: "customer-4711", customer: Buffer.from("1") };
    assert.equal((await forgetCustomer(db, forgotten, 1)).count, 1);
    assert.equal(await countRows("forgotten_orders", event), 1);
    const before = await api.audit(code);
    const stock = await api.inventory(code);
    assert(before.ok);
    assert((await countRows("order_history", event)) > 0 && (await countRows("payments", event)) > 0);
    const file = newFile();
    const other = await api.createEvent({ STANDARD: 20 });
    const buying = Promise.all(Array.from({ length: 20 }, () => api.purchase({ eventCode: other, waitSeconds: 10 })));
    const { code: exitCode, stderr } = await archive(code, file);
    assert.equal(exitCode, 0, stderr);
    // The sale of another event went on.
    for (const { body } of await buying) assert.equal(body.status, "CONFIRMED");
    await api.assertSound(other);

    assert.deepEqual(new Set(idsIn(file)), new Set(sold.map(({ id }) => id)));
    const lines = gunzipSync(readFileSync(file))
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ kind }) => kind).filter((kind, index, kinds) => kind !== kinds[index - 1]),
      ["event", "ledger", "order", "stock", "manifest"],
    );
    const paid = lines.find(({ kind, payments }) => kind === "order" && payments.length === 2);
    assert.deepEqual(
      paid.payments.map(({ reference, outcome }: Record<string, string>) => [reference, outcome]),
      [
        ["pay-1", "confirmed"],
        ["pay-2", "refund-required"],
      ],
    );
    assert.equal(paid.history.length, 2);

    for (const table of ["order_history", "payments", "webhook_deliveries", "forgotten_orders"]) {
      assert.equal(await countRows(table, event), 0, table);
    }
    assert.deepEqual(await api.inventory(code), stock);
    const [first] = sold;
    assert.equal((await api.get(`/api/v1/orders/${first?.id}`)).status, 404);
    const list = await api.get<{ totalElements: number }>(`/api/v1/orders?event=${code}`);
    assert.equal(list.body.totalElements, 0);
    const again = await api.purchase({ eventCode: code, customerRef: "customer-4711", key: first?.key ?? "" });
    assert.equal(again.headers.get("idempotent-replayed"), null);
    assert.notEqual(again.body.id, first?.id);
  });

  it("is named by the audit, which compares the stock with the archive's figures", async () => {
    const { code, sold } = await sellPastEvent(db, api, 5);
    const file = newFile();
    const { digest } = (await cli.json("orders", "archive", "--event", code, "--to", file)) as Archived;
    const audit = await api.audit(code);
    assert.deepEqual([audit.ok, audit.orders.total], [true, 0]);
    assert.deepEqual(audit.archived, { orders: sold.length, digests: [digest] });
    await sql`
      UPDATE archives SET tickets = jsonb_set(tickets, '{STANDARD}', '1') WHERE digest = ${digest}`.execute(db);
    const tampered = await api.audit(code);
    assert.deepEqual(
      tampered.checks.filter(({ ok }) => !ok).map(({ invariant }) => invariant),
      [2],
    );
    await sql`
      UPDATE archives SET tickets = jsonb_set(tickets, '{STANDARD}', to_jsonb(i.allocated)) FROM inventory i
      WHERE digest = ${digest} AND i.event_id = archives.event_id AND i.ticket_type = 'STANDARD'`.execute(db);
    assert((await api.audit(code)).ok);
  });

  it("is verified by its digest, its counts and a replay, without the database", async () => {
    const { code } = await sellPastEvent(db, api, 5);
    const file = newFile();
    assert.equal((await archive(code, file)).code, 0);
    const good = await verify(file);
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /^replay +every decision is explained$/m);

    const text = gunzipSync(readFileSync(file)).toString();
    const spoil = (change: (text: string) => string) => {
      const spoilt = newFile();
      writeFileSync(spoilt, gzipSync(change(text)));
      return verify(spoilt);
    };
    const changed = await spoil((whole) => whole.replace("customer-4711", "customer-4712"));
    assert.match(changed.stderr, /is not a whole archive: its digest is another one/);
    const shortened = await spoil((whole) => whole.split("\n").slice(0, -2).join("\n"));
    assert.match(shortened.stderr, /is not a whole archive: it has no end/);
    const cut = newFile();
    writeFileSync(cut, readFileSync(file).subarray(0, 500));
    assert.match((await verify(cut)).stderr, /is not a whole archive: unexpected end of file/);
    for (const { code: exitCode } of [changed, shortened, await verify(newFile())]) assert.equal(exitCode, 1);
  });

  it("is refused while event, sale, orders or webhooks are not at their end, and writes nothing then", async () => {
    const code = await api.createEvent({ STANDARD: 10 });
    await api.purchase({ eventCode: code, waitSeconds: 10 });
    const file = newFile();
    const refusal = async () => {
      const { code: exitCode, stderr } = await archive(code, file);
      assert.equal(exitCode, 1);
      assert(!existsSync(file));
      return stderr;
    };
    assert.match(await refusal(), /cannot be archived yet: it has not ended/);
    await sql`
      UPDATE events SET start_time = now() - interval '2 days', end_time = now() - interval '1 day', sales_end = NULL
      WHERE code = ${code}`.execute(db);
    assert.match(await refusal(), /its sale has no end that has passed/);
    await endEvent(db, code);
    const { rows } = await sql<{ id: string }>`
      SELECT o.id FROM orders o JOIN events e ON e.id = o.event_id WHERE e.code = ${code}`.execute(db);
    const orderId = rows[0]?.id ?? "";
    await sql`UPDATE orders SET status = 'HELD', expires_at = now() + interval '1 hour' WHERE id = ${orderId}`.execute(
      db,
    );
    assert.match(await refusal(), /some orders can still change \(0 pending, 1 held, 0 waiting\)/);
    await sql`UPDATE orders SET status = 'CONFIRMED', expires_at = NULL WHERE id = ${orderId}`.execute(db);
    const endpoint = await createEndpoint(db, { accountId: 1 });
    await sql`INSERT INTO outbox (order_id, type) VALUES (${orderId}, 'order.confirmed')`.execute(db);
    assert.match(await refusal(), /1 webhooks about its orders are not delivered/);
    await sql`DELETE FROM outbox`.execute(db);
    await sql`
      INSERT INTO webhook_deliveries (endpoint_id, order_id, type, body)
      VALUES (${endpoint}, ${orderId}, 'order.confirmed', '{}')`.execute(db);
    assert.match(await refusal(), /1 webhooks about its orders are not delivered/);
    await sql`UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'no' WHERE id = ${endpoint}`.execute(
      db,
    );
    const { code: exitCode, stderr } = await archive(code, file);
    assert.equal(exitCode, 0, stderr);
    assert.match(gunzipSync(readFileSync(file)).toString(), /"deliveries" : \[\{"id" : "[^"]+".*"status" : "PENDING"/);
    assert.match((await archive(code, newFile())).stderr, /are archived already, in /);
    assert.equal((await archive(code, file)).code, 0);
    assert.match((await archive("no-such-event", newFile())).stderr, /has no event no-such-event/);
    for (const wrong of [[], ["--event", code], ["--verify", file, "--event", code]]) {
      assert.equal((await cli.run("orders", "archive", ...wrong)).code, 2);
    }
  });

  it("leaves an order that has changed since the file was written, and takes it into a second file", async () => {
    const { code, sold } = await sellPastEvent(db, api, 3);
    const [file, second] = [newFile(), newFile()];
    // Holds the run up between the file's verification and the first deletion.
    const release = await lockOrder(sold[0]?.id ?? "");
    const running = cli.start("orders", "archive", "--event", code, "--to", file);
    await untilTrue("the file is recorded", () => running.output().stderr.includes("Recorded."));
    await release(sql`UPDATE orders SET version = version + 1 WHERE id = ${sold[0]?.id ?? ""}`);
    const { code: exitCode, stderr } = await running.ended;
    assert.deepEqual([exitCode, await countOrders(code)], [1, 1]);
    assert.match(stderr, /1 orders have changed since; archive them, too, with another file/);
    assert.equal((await archive(code, second)).code, 0);
    assert.deepEqual([idsIn(second), await countOrders(code)], [[sold[0]?.id], 0]);
    assert.match((await verify(second)).stdout, /^replay +not possible: earlier orders are in another file$/m);
    const { archived, checks } = await api.audit(code);
    assert.deepEqual([archived?.orders, archived?.digests.length], [sold.length, 2]);
    assert.deepEqual(
      checks.filter(({ ok }) => !ok),
      [],
    );
  });

  it("is never the only place of an order before it is verified: killed at each step, it goes on", async () => {
    const code = await api.createEvent({ STANDARD: 5_000 });
    await placePendingOrders(db, code, 4_000);
    // Placed without a gateway, so nobody has enqueued the partition; a purchase does.
    await api.purchase({ eventCode: code, waitSeconds: 20 });
    await untilAllDecided(api, code);
    await endEvent(db, code);
    const file = newFile();
    const all = 4_001;
    // The last order is locked, so that no run can end, and is in the last batch alone.
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM orders WHERE event_id = (SELECT id FROM events WHERE code = ${code})
      ORDER BY seq DESC LIMIT 1`.execute(db);
    const release = await lockOrder(rows[0]?.id ?? "");
    const steps = [
      () => existsSync(`${file}.part`) || existsSync(file),
      () => existsSync(file),
      (output: string) => output.includes("Verified"),
      (output: string) => output.includes("Recorded"),
      async () => (await countOrders(code)) < all,
      async () => (await countOrders(code)) === 1,
    ];
    for (const isReached of steps) {
      const running = cli.start("orders", "archive", "--event", code, "--to", file);
      await untilTrue("the step is reached", () => isReached(running.output().stderr));
      running.process.kill("SIGKILL");
      assert.equal((await running.ended).code, null);
      const left = await countOrders(code);
      if (left < all) assert.equal((await verify(file)).code, 0);
      const audit = await api.audit(code);
      assert.deepEqual([audit.ok, audit.orders.total + (audit.archived?.orders ?? 0)], [true, all]);
    }
    assert.equal(await countOrders(code), 1);
    await release();
    const { code: exitCode, stderr } = await archive(code, file);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual([await countOrders(code), idsIn(file).length], [0, all]);
    assert(!existsSync(`${file}.part`));
    assert.equal((await verify(file)).code, 0);
  });

  it("goes on only with the file whose orders are being deleted", async () => {
    const { code } = await sellPastEvent(db, api, 2);
    const [file, other] = [newFile(), newFile()];
    assert.equal((await archive(code, file)).code, 0);
    await sql`UPDATE archives SET finished_at = NULL WHERE file = ${file}`.execute(db);
    assert.match((await archive(code, other)).stderr, /There is no file /);
    const wrong = await sellPastEvent(db, api, 2);
    assert.equal((await archive(wrong.code, other)).code, 0);
    assert.match((await archive(code, other)).stderr, /is an archive of /);
    assert.equal((await archive(code, file)).code, 0);
  });
});
