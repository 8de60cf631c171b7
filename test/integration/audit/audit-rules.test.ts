// The audit of an event with rules: pools, customers and access codes count what orders have.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { createAccessCodes } from "@onsale/database/statements/rules/access-codes";
import { changeRules } from "@onsale/database/statements/rules/change-rules";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import { bucketOf } from "@onsale/domain/bucket";
import type { Line } from "@onsale/domain/decide";
import { createCustomerHash } from "@onsale/security/customer-hash";
import { decideBatch } from "@onsale/worker/batch";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, type PlacedOrder, placeOrders, type TestEvent } from "../../support/database/factories.ts";
import { assertSound } from "../../support/database/sale.ts";

const hashCustomer = createCustomerHash(Buffer.alloc(32, 7));
const invariant = 9;

describe("the audit of an event with rules", () => {
  let db: Db;
  before(async () => {
    db = connect(await createTestDatabase());
  });

  /** An event with a pool, a limit per customer and a code, and one order of each of two customers. */
  async function startSale() {
    const event = await createTestEvent(db, { ADULT: 10, CHILD: 10 });
    const owner = { accountId: event.accountId, eventId: event.id, eventCode: event.code, actor: "test" };
    await db.transaction().execute((tx) =>
      changeRules(tx, owner, {
        maxPerCustomer: 8,
        pools: [{ name: "HALL", total: 15 }],
        ticketTypes: [{ ticketType: "ADULT", pools: ["HALL"], maxPerCustomer: 4 }],
      }),
    );
    const code = { digest: Buffer.from("1"), hint: "aa", ticketTypes: ["CHILD"], maxUses: 3, maxPerOrder: null };
    const codes = await db.transaction().execute((tx) => createAccessCodes(tx, owner, [code]));
    assert(codes?.[0]);
    const lines = [
      { ticketType: "ADULT", quantity: 2 },
      { ticketType: "CHILD", quantity: 1 },
    ];
    const terms = { lines, code: codes[0].id, ruled: true } as const;
    const [family] = await placeOrders(db, event, [
      { ticketType: null, quantity: 3, customerRef: "x", terms },
      { ticketType: "ADULT", quantity: 1, customerRef: "y" },
    ]);
    assert(family);
    await decideBatch(db, { buckets: [bucketOf(event.id)], countMax: 500, hashCustomer });
    return { event, family, codeId: codes[0].id };
  }

  const cancel = (order: PlacedOrder, items: readonly Line[] | null) =>
    applyTransitions(db, [
      {
        accountId: order.accountId,
        orderId: order.id,
        actor: "test",
        wish: { kind: "cancel", items, reason: null },
        key: null,
        matches: () => true,
      },
    ]);
  const usedOf = async (codeId: number) => {
    const { rows } = await sql<{ used: number }>`SELECT used FROM access_codes WHERE id = ${codeId}`.execute(db);
    return rows[0]?.used;
  };

  async function assertFound(event: TestEvent, violations: number, example: string): Promise<void> {
    const { checks } = await audit(db, event.id, event.code);
    const found = checks.find((check) => check.invariant === invariant);
    assert.deepEqual([found?.ok, found?.violations, found?.examples], [false, violations, [example]]);
  }

  it("finds nothing while cancelled tickets are on their way back, and after that", async () => {
    const { event, family } = await startSale();
    await assertSound(db, event);
    await cancel(family, [{ ticketType: "ADULT", quantity: 1 }]);
    await assertSound(db, event);
    await applyReturns(db, [bucketOf(event.id)]);
    await assertSound(db, event);
  });

  it("finds a pool that differs from its ticket types", async () => {
    const { event } = await startSale();
    await sql`UPDATE inventory SET allocated = 4 WHERE event_id = ${event.id} AND ticket_type = 'pool:HALL'`.execute(
      db,
    );
    await assertFound(event, 1, "pool HALL: 4 allocated, 3 of its ticket types");
  });

  it("finds a customer whose counter differs from their orders", async () => {
    for (const used of [2, 4]) {
      const { event } = await startSale();
      const customer = hashCustomer("x");
      await sql`UPDATE customer_counters SET used = ${used}
                WHERE event_id = ${event.id} AND customer = ${customer} AND ticket_type = ''`.execute(db);
      await assertFound(event, 1, `a customer: ${used} tickets counted, 3 in orders`);
    }
  });

  it("counts orders whose reference was erased, too", async () => {
    const { event } = await startSale();
    await sql`UPDATE orders SET customer = coalesce(customer, decode(terms ->> 'customer', 'hex')), customer_ref = NULL
              WHERE event_id = ${event.id}`.execute(db);
    await assertSound(db, event);
    for (const used of [0, 9]) {
      await sql`UPDATE customer_counters SET used = ${used} WHERE event_id = ${event.id} AND ticket_type = ''
                AND customer = ${hashCustomer("y")}`.execute(db);
      await assertFound(event, 1, `a customer: ${used} tickets counted, 1 in orders`);
    }
  });

  it("takes a crowd of customers that PostgreSQL has no statistics of", async () => {
    const { event } = await startSale();
    const count = 30_000;
    await db.transaction().execute(async (tx) => {
      await sql`
        INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, customer_ref, idempotency_key,
                            fingerprint, terms, items, status, decided_at)
        SELECT gen_random_uuid(), ${event.accountId}, ${event.id}, 'CHILD', 1, 'optimistic', 'c-' || n, 'crowd-' || n,
               '', jsonb_build_object('ruled', true, 'customer', lpad(to_hex(n), 64, '0')), '[{"ticketType": "CHILD", "quantity": 1}]', 'CONFIRMED', now()
        FROM generate_series(1, ${count}::int) AS n`.execute(tx);
      await sql`
        INSERT INTO customer_counters (event_id, customer, ticket_type, used)
        SELECT ${event.id}, decode(lpad(to_hex(n), 64, '0'), 'hex'), '', 2
        FROM generate_series(1, ${count}::int) AS n`.execute(tx);
    });
    const { checks } = await audit(db, event.id, event.code);
    assert.equal(checks.find((check) => check.invariant === invariant)?.violations, count);
  });

  it("finds an access code that differs from the orders that use it", async () => {
    const { event, codeId } = await startSale();
    await sql`UPDATE access_codes SET used = 3 WHERE id = ${codeId}`.execute(db);
    await assertFound(event, 1, `access code ${codeId}: 3 uses counted, 1 in orders`);
  });

  it("gets the use of a code back once, also of an order that was cancelled part by part", async () => {
    const { event, family, codeId } = await startSale();
    assert.equal(await usedOf(codeId), 1);
    await cancel(family, [{ ticketType: "ADULT", quantity: 2 }]);
    await cancel(family, null);
    await assertSound(db, event);
    await applyReturns(db, [bucketOf(event.id)]);
    assert.equal(await usedOf(codeId), 0);
    await assertSound(db, event);
  });

  it("marks one line of an order that ends, because its lines may come back one after the other", async () => {
    const { family } = await startSale();
    await cancel(family, null);
    const { rows } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM returns WHERE order_id = ${family.id} AND ends_order`.execute(db);
    assert.equal(rows[0]?.count, 1);
  });
});
