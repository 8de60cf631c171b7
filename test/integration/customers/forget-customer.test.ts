// Forgetting a customer, over the API of a gateway. The tests decide orders, relay and post by themselves, so that each
// moment can be chosen.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Forgotten } from "@onsale/contracts/customer";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import { webhookBody } from "@onsale/contracts/webhook-body";
import type { Db } from "@onsale/database/client";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { type Fact, relayOutbox } from "@onsale/database/statements/deliveries/relay-outbox";
import { createCustomerHash } from "@onsale/security/customer-hash";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import {
  createAccount,
  createTestEvent,
  defaultAccountId,
  placeOrders,
  times,
} from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { createCli } from "../../support/services/program.ts";
import { startGateway } from "../../support/services/services.ts";
import { createEndpoint, newAttempt } from "../../support/webhooks/webhook-factories.ts";

const key = Buffer.alloc(32, 7);
const bodyOf = ({ type, happenedAt, order, detail }: Fact) => webhookBody(type, happenedAt, order, detail);

describe("forgetting a customer", () => {
  let db: Db;
  let api: Api;
  let cli: ReturnType<typeof createCli>;

  before(async () => {
    const databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    api = createApi((await startGateway({ DATABASE_URL: databaseUrl, CUSTOMER_KEY: key.toString("hex") })).url);
    cli = createCli({ ONSALE_URL: api.baseUrl });
  });

  const pathOf = (ref: string) => `/api/v1/customers/${encodeURIComponent(ref)}`;
  const forget = <T = Forgotten>(ref: string) => api.request<T>("DELETE", pathOf(ref));
  const listed = async (ref: string) =>
    (await api.get<{ totalElements: number }>(`/api/v1/orders?customerRef=${encodeURIComponent(ref)}`)).body
      .totalElements;

  it("erases the reference from orders in every state, and leaves their figures and those of others", async () => {
    const event = await createTestEvent(db, { STANDARD: 2 });
    const parts = [...times(3, { customerRef: "anna" }), { customerRef: "berta" }];
    const decided = await placeOrders(db, event, parts);
    await decideAll(db, event.id);
    const [pending] = await placeOrders(db, event, [{ customerRef: "anna" }]);
    const before = await api.order(decided[0]?.id ?? "");
    assert.equal(before.customerRef, "anna");

    const answer = await forget("anna");
    assert.deepEqual([answer.status, answer.body], [200, { orders: 4 }]);
    for (const order of [...decided.slice(0, 3), pending])
      assert.equal((await api.order(order?.id ?? "")).customerRef, null);
    assert.deepEqual(await api.order(before.id), { ...before, customerRef: null });
    assert.equal((await api.order(decided[3]?.id ?? "")).customerRef, "berta");
    assert.deepEqual([await listed("anna"), await listed("berta")], [0, 1]);
    await decideAll(db, event.id);
    await assertSound(db, event);
  });

  it("leaves the hash that limits count, and sets it on orders that have none", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const [order] = await placeOrders(db, event, [{ customerRef: "carla" }]);
    await forget("carla");
    const { customer } = await db
      .selectFrom("orders")
      .select("customer")
      .where("id", "=", order?.id ?? "")
      .executeTakeFirstOrThrow();
    assert.deepEqual(customer, createCustomerHash(key)("carla"));
  });

  it("finds nothing the second time, nor the reference of another account", async () => {
    const accountId = await createAccount(db);
    const foreign = await createTestEvent(db, { STANDARD: 1 }, accountId);
    await placeOrders(db, foreign, [{ customerRef: "dora" }]);
    const own = await createTestEvent(db, { STANDARD: 1 });
    await placeOrders(db, own, [{ customerRef: "dora" }]);
    assert.deepEqual((await forget("dora")).body, { orders: 1 });
    assert.deepEqual((await forget("dora")).body, { orders: 0 });
    const { rows } = await sql`SELECT FROM orders WHERE customer_ref = 'dora'`.execute(db);
    assert.equal(rows.length, 1);
  });

  it("takes every reference that an order may have, and refuses others", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const refs = ["a/b?c#d%2F", "%".repeat(128), 'quote"back\\slash', "..a"];
    await placeOrders(
      db,
      event,
      refs.map((customerRef) => ({ customerRef })),
    );
    for (const ref of refs) assert.deepEqual((await forget(ref)).body, { orders: 1 }, ref);
    for (const ref of ["x".repeat(129), "two words", "ümlaut"]) {
      const { status, body } = await forget<Problem>(ref);
      assert.deepEqual([status, body.code, body.errors?.[0]?.pointer], [400, "validation-failed", "/path/customerRef"]);
    }
  });

  it("a purchase that is sent again with its key still gets its order", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const purchase = { eventCode: event.code, customerRef: "emma", key: newKey() };
    const first = await api.purchase(purchase);
    await forget("emma");
    const again = await api.purchase(purchase);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.deepEqual([again.body.id, again.body.customerRef], [first.body.id, null]);
    const other = await api.purchase({ ...purchase, customerRef: "frida" });
    assert.equal(other.body.code, "idempotency-key-reused");
    await decideAll(db, event.id);
  });

  it("erases it from webhooks that were made, and from what their receivers answered; later ones have null", async () => {
    const ref = 'gerda"\\';
    const event = await createTestEvent(db, { STANDARD: 5 });
    const endpoint = await createEndpoint(db, { accountId: defaultAccountId, eventId: event.id });
    const parts = [{ customerRef: ref }, { customerRef: "gerdas-neighbour" }];
    await placeOrders(db, event, parts);
    await decideAll(db, event.id);
    await relayOutbox(db, 1_000, 0, bodyOf);
    const read = () =>
      db
        .selectFrom("webhook_deliveries")
        .select(["id", "body"])
        .where("endpoint_id", "=", endpoint)
        .orderBy("seq")
        .execute();
    const made = await read();
    await recordAttempt(db, newAttempt(made[0]?.id ?? "", { responseBody: `I got ${ref}.` }));
    await recordAttempt(db, newAttempt(made[1]?.id ?? "", { responseBody: "I got it." }));
    // Decided, and not relayed yet.
    await placeOrders(db, event, [{ customerRef: ref }]);
    await decideAll(db, event.id);
    assert.deepEqual((await forget(ref)).body, { orders: 2 });
    await relayOutbox(db, 1_000, 0, bodyOf);

    const bodies = (await read()).map(({ body }): { data: { order: Order } } => JSON.parse(body));
    assert.deepEqual(
      bodies.map(({ data }) => data.order.customerRef),
      [null, "gerdas-neighbour", null],
    );
    assert.equal((await read())[0]?.body, made[0]?.body.replace(JSON.stringify(ref), "null"));
    const { rows } = await sql<{ text: string | null }>`
      SELECT a.response_body AS text FROM webhook_attempts a JOIN webhook_deliveries d ON d.id = a.delivery_id
      WHERE d.endpoint_id = ${endpoint} ORDER BY d.seq`.execute(db);
    assert.deepEqual(
      rows.map(({ text }) => text),
      [null, "I got it."],
    );
  });

  it("waits for a relay that has read the reference already", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const endpoint = await createEndpoint(db, { accountId: defaultAccountId, eventId: event.id });
    await placeOrders(db, event, [{ customerRef: "hanna" }]);
    await decideAll(db, event.id);
    // The relay has read the order when it inserts the delivery, for which it needs the endpoint.
    const locking = await openTransaction(db);
    await sql`SELECT FROM webhook_endpoints WHERE id = ${endpoint} FOR UPDATE`.execute(locking.tx);
    const relaying = relayOutbox(db, 1_000, 0, bodyOf);
    await untilBlocked(db);
    const forgetting = forget("hanna");
    await untilBlocked(db, 2);
    await locking.commit();
    await relaying;
    assert.deepEqual((await forgetting).body, { orders: 1 });
    const { body } = await db
      .selectFrom("webhook_deliveries")
      .select("body")
      .where("endpoint_id", "=", endpoint)
      .executeTakeFirstOrThrow();
    assert.match(body, /"customerRef":null/);
  });

  it("erases it from thousands of orders in several batches, and leaves out those that are locked until they are not", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const orders = await placeOrders(db, event, times(1_200, { customerRef: "ida" }));
    const locking = await openTransaction(db);
    await sql`SELECT FROM orders WHERE id = ${orders[0]?.id ?? ""} FOR UPDATE`.execute(locking.tx);
    const forgetting = forget("ida");
    const left = async () => (await sql`SELECT FROM orders WHERE customer_ref = 'ida'`.execute(db)).rows.length;
    for (const deadline = Date.now() + 10_000; (await left()) > 1; ) assert(Date.now() < deadline);
    await locking.commit();
    assert.deepEqual((await forgetting).body, { orders: 1_200 });
  });

  it("answers 202 when orders are left after some seconds, and the command line goes on until none is", async () => {
    const event = await createTestEvent(db, { STANDARD: 1 });
    const [order] = await placeOrders(db, event, [{ customerRef: "jana" }]);
    const locking = await openTransaction(db);
    await sql`SELECT FROM orders WHERE id = ${order?.id ?? ""} FOR UPDATE`.execute(locking.tx);
    const ofCli = cli.json("customers", "forget", "jana");
    const answering = forget("jana");
    // PostgreSQL would end a transaction that is idle for some seconds, and with it the lock.
    const keepAlive = setInterval(() => void sql`SELECT`.execute(locking.tx), 1_000);
    const { status, headers, body } = await answering.finally(() => clearInterval(keepAlive));
    assert.deepEqual([status, headers.get("retry-after"), body], [202, "1", { orders: 0 }]);
    await locking.commit();
    assert.deepEqual(await ofCli, { orders: 1 });
    const { stdout } = await cli.run("customers", "forget", "jana");
    assert.equal(stdout, "Erased jana from 0 orders.\n");
  });
});
