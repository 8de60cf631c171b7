import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { auditEvent } from "@onsale/database/statements/audit/audit-event";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { assertSound, decideAll, violations } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";

/** Orders for five tickets, with their decisions. */
const orders = [
  { quantity: 2 }, // CONFIRMED
  { quantity: 2 }, // CONFIRMED
  { quantity: 2 }, // REJECTED insufficient-stock
  { quantity: 1 }, // CONFIRMED
  { quantity: 1 }, // REJECTED sold-out
];
type FiveSeqs = readonly [number, number, number, number, number];

/** Sells an event out; returns it with the `seq` of the five orders. */
async function sellOut(db: Db): Promise<{ event: TestEvent; seqs: FiveSeqs }> {
  const event = await createTestEvent(db, { STANDARD: 5, VIP: 3 });
  const [a, b, c, d, e] = (await placeOrders(db, event, orders)).map((order) => order.seq);
  await decideAll(db, event.id, 2);
  assert(a && b && c && d && e);
  return { event, seqs: [a, b, c, d, e] };
}

describe("the audit of an event", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  /** The facts that an audit reads, with the `seq` of each decided order that it has read so far. */
  function startAudit(event: TestEvent) {
    const readDecided: number[] = [];
    const facts = auditEvent(db, event.id, 30_000, (_, orders) =>
      readDecided.push(...orders.map((order) => order.seq)),
    );
    return { readDecided, facts };
  }

  it("finds that every invariant holds, and counts the orders by status", async () => {
    const { event } = await sellOut(db);
    await placeOrders(db, event);
    const result = await audit(db, event.id, event.code);
    assert.deepEqual(
      result.checks.map(({ invariant, ok, violations, examples }) => [invariant, ok, violations, examples]),
      [1, 2, 3, 4, 8, 6, 9, 5].map((invariant) => [invariant, true, 0, []]),
    );
    const counts = { total: 6, pending: 1, held: 0, confirmed: 3, rejected: 2, expired: 0, cancelled: 0 };
    assert.deepEqual(result.orders, counts);
    assert.deepEqual([result.ok, result.eventCode], [true, event.code]);
  });

  it("finds no fault in an event without orders and stock", async () => {
    const { ok, orders } = await audit(db, (await createTestEvent(db, {})).id, "empty");
    assert.deepEqual([ok, orders.total], [true, 0]);
  });

  it("finds no fault when totals are raised and lowered during the sale", async () => {
    const event = await createTestEvent(db, { STANDARD: 3 });
    const change = { accountId: event.accountId, eventId: event.id, eventCode: event.code };
    const sell = async (count: number) => {
      await placeOrders(db, event, times(count, {}));
      await decideAll(db, event.id, 2);
      await assertSound(db, event);
    };
    await sell(5);
    const confirmedCounts: number[] = [];
    for (const [ticketType, total] of [
      ["STANDARD", 10],
      ["STANDARD", 6],
      ["VIP", 1],
      ["STANDARD", 8],
    ] as const) {
      await setInventoryTotal(db, { ...change, ticketType, total, actor: "test" });
      await sell(2);
      confirmedCounts.push((await audit(db, event.id, event.code)).orders.confirmed);
    }
    assert.deepEqual(confirmedCounts, [5, 6, 6, 8]);
  });

  it("finds no fault at any moment of a sale, because it reads one snapshot", async () => {
    const event = await createTestEvent(db, { STANDARD: 150 });
    await placeOrders(db, event, times(200, {}));
    let isSelling = true;
    const watch = async () => {
      while (isSelling) await assertSound(db, event);
    };
    const watching = watch();
    await Promise.all([decideAll(db, event.id, 3), decideAll(db, event.id, 4)]);
    isSelling = false;
    await watching;
    await assertSound(db, event);
  });

  it("reads everything from the snapshot of its start", async () => {
    const { event } = await sellOut(db);
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE inventory_totals`.execute(tx);
    const { readDecided, facts } = startAudit(event);
    await untilBlocked(db);
    await placeOrders(db, event, times(3, {}));
    await decideAll(db, event.id);
    await rollback();
    assert.deepEqual((await facts).countByStatus, { CONFIRMED: 3, REJECTED: 2 });
    assert.equal(readDecided.length, 5);
  });

  it("reads every decided order once, in arrival order, of a sale of several pages", async () => {
    const event = await createTestEvent(db, { STANDARD: 0 });
    const count = 20_001;
    await sql`
      INSERT INTO orders (id, account_id, event_id, quantity, strategy, ticket_type, fingerprint, idempotency_key,
                          status, reason_code, decided_at, version)
      SELECT gen_random_uuid(), 1, ${event.id}::int, 1, 'optimistic', 'STANDARD', '', 'many-' || n,
             'REJECTED', 'sold-out', now(), 2
      FROM generate_series(1, ${count}::int) n ORDER BY n`.execute(db);
    const { readDecided, facts } = startAudit(event);
    assert.deepEqual((await facts).countByStatus, { REJECTED: count });
    const first = readDecided[0] ?? 0;
    assert.deepEqual(
      readDecided,
      Array.from({ length: count }, (_, n) => first + n),
    );
  });

  it("does not read other events", async () => {
    const { event } = await sellOut(db);
    const { event: broken } = await sellOut(db);
    await sql`UPDATE inventory SET allocated = 0 WHERE event_id = ${broken.id}`.execute(db);
    assert.deepEqual([await violations(db, event), await violations(db, broken)], [[], [2, 5]]);
  });

  it("describes faults in words, with at most five examples", async () => {
    const event = await createTestEvent(db, { STANDARD: 0 });
    await placeOrders(db, event, times(8, {}));
    await decideAll(db, event.id);
    await sql`UPDATE orders SET status = 'CONFIRMED', reason_code = NULL WHERE event_id = ${event.id}`.execute(db);
    const { checks } = await audit(db, event.id, event.code);
    const faults = new Map(checks.map((check) => [check.invariant, check]));
    assert.deepEqual(faults.get(2)?.examples, ["STANDARD: 0 allocated, 8 in orders"]);
    assert.deepEqual([faults.get(5)?.violations, faults.get(5)?.examples.length], [9, 5]);
    assert.match(faults.get(5)?.examples[0] ?? "", /^order \d+ was granted 1 STANDARD with 0 STANDARD left for 1$/);
  });
});

type Tampering = Readonly<{
  name: string;
  /** The violated invariants. */
  found: readonly number[];
  sql: (event: TestEvent, seqs: FiveSeqs) => string;
  /** It needs a database of its own. */
  dropsConstraint?: true;
}>;

const setOrder = (seq: number, values: string) => `UPDATE orders SET ${values} WHERE seq = ${seq}`;
const swapDecisions = (a: number, b: number) => `
  UPDATE orders mine SET status = other.status, reason_code = other.reason_code FROM orders other
  WHERE (mine.seq, other.seq) IN ((${a}, ${b}), (${b}, ${a}))`;

const tamperings: readonly Tampering[] = [
  {
    name: "fewer tickets are allocated than were sold",
    found: [2, 5],
    sql: ({ id }) => `UPDATE inventory SET allocated = 4 WHERE event_id = ${id} AND ticket_type = 'STANDARD'`,
  },
  {
    name: "tickets are allocated that nobody bought",
    found: [2, 5],
    sql: ({ id }) => `UPDATE inventory SET allocated = 1 WHERE event_id = ${id} AND ticket_type = 'VIP'`,
  },
  {
    name: "a rejected order was confirmed afterwards",
    found: [2, 5],
    sql: (_, seqs) => setOrder(seqs[4], "status = 'CONFIRMED', reason_code = NULL"),
  },
  {
    name: "a rejected order was confirmed afterwards, and the stock was made to fit",
    found: [5],
    sql: ({ id }, seqs) => `${setOrder(seqs[4], "status = 'CONFIRMED', reason_code = NULL")};
      UPDATE inventory SET total = 6, allocated = 6 WHERE event_id = ${id} AND ticket_type = 'STANDARD'`,
  },
  {
    name: "a confirmed order was rejected afterwards, and the stock was made to fit",
    found: [5],
    sql: ({ id }, seqs) => `${setOrder(seqs[3], "status = 'REJECTED', reason_code = 'sold-out'")};
      UPDATE inventory SET allocated = 4 WHERE event_id = ${id} AND ticket_type = 'STANDARD'`,
  },
  {
    name: "the decisions of two orders were swapped",
    found: [5],
    sql: (_, seqs) => swapDecisions(seqs[3], seqs[4]),
  },
  {
    name: "an order was rejected for another reason than the stock at its turn",
    found: [5],
    sql: (_, seqs) => setOrder(seqs[2], "reason_code = 'sold-out'"),
  },
  {
    name: "a confirmed order is gone",
    found: [2, 5],
    sql: (_, seqs) => `DELETE FROM orders WHERE seq = ${seqs[0]}`,
  },
  {
    name: "an order has been pending for more than 30 s",
    found: [4],
    sql: ({ id }) => `
      INSERT INTO orders (id, account_id, event_id, quantity, strategy, ticket_type, fingerprint, idempotency_key,
                          created_at)
      VALUES (gen_random_uuid(), 1, ${id}, 1, 'optimistic', 'STANDARD', '', 'overdue', now() - interval '31 s')`,
  },
  {
    name: "a decided order has the version of a pending one",
    found: [6],
    sql: (_, seqs) => setOrder(seqs[0], "version = 1"),
  },
  {
    name: "an order was decided before it was accepted",
    found: [6],
    sql: (_, seqs) => setOrder(seqs[0], "decided_at = created_at - interval '1 s'"),
  },
  {
    name: "the recorded total differs from that of the decisions",
    found: [5],
    sql: ({ id }) => `UPDATE inventory_totals SET total = 6 WHERE event_id = ${id} AND ticket_type = 'STANDARD'`,
  },
  {
    name: "a total was changed without a record of the change",
    found: [5],
    sql: ({ id }) => `UPDATE inventory SET total = 100 WHERE event_id = ${id} AND ticket_type = 'STANDARD'`,
  },
  {
    name: "an order was passed over",
    found: [5],
    sql: (_, seqs) => setOrder(seqs[2], "status = 'PENDING', reason_code = NULL, decided_at = NULL, version = 1"),
  },
  {
    name: "more tickets are allocated than there are",
    found: [1, 5],
    dropsConstraint: true,
    sql: ({ id }) => `ALTER TABLE inventory DROP CONSTRAINT inventory_check;
      UPDATE inventory SET total = 4 WHERE event_id = ${id} AND ticket_type = 'STANDARD'`,
  },
  {
    name: "two orders have the same key",
    found: [3],
    dropsConstraint: true,
    sql: (_, seqs) => `ALTER TABLE orders DROP CONSTRAINT orders_idempotency;
      ${setOrder(seqs[0], `idempotency_key = (SELECT idempotency_key FROM orders WHERE seq = ${seqs[1]})`)}`,
  },
];

describe("the audit of a sale that was tampered with", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  for (const tampering of tamperings) {
    it(`finds that ${tampering.name}`, async () => {
      const database = tampering.dropsConstraint ? connect(await createTestDatabase()) : db;
      const { event, seqs } = await sellOut(database);
      await assertSound(database, event);
      await sql.raw(tampering.sql(event, seqs)).execute(database);
      assert.deepEqual(await violations(database, event), tampering.found);
    });
  }
});
