// Audits that a gateway makes by itself. Events are looked at one after another, in the order in which they became quiet:
// when an event is found that was told of last, everything that was told of before has been looked at.
import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import { auditedChannel } from "@onsale/database/channels";
import type { Db } from "@onsale/database/client";
import { takeAuditTurn } from "@onsale/database/statements/audit/take-audit-turn";
import { audit } from "@onsale/gateway/audit/audit";
import { startAuditor, type Violation } from "@onsale/gateway/audit/auditor";
import { createDecisions } from "@onsale/gateway/results/decisions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, type TestEvent, times } from "../../support/database/factories.ts";
import { recordNotifications } from "../../support/database/notifications.ts";
import { decideAll } from "../../support/database/sale.ts";
import { openTransaction, untilBlocked } from "../../support/database/transactions.ts";
import { untilTrue } from "../../support/until.ts";

describe("the auditor of a gateway", () => {
  let url: string;
  let db: Db;

  beforeEach(async () => {
    url = await createTestDatabase();
    db = connect(url);
  });

  /** An event of which two of three tickets are sold. */
  async function sell(): Promise<TestEvent> {
    const event = await createTestEvent(db, { STANDARD: 3 });
    await placeOrders(db, event, times(2, {}));
    await decideAll(db, event.id);
    return event;
  }

  /** One whose orders were tampered with: a confirmed one is gone. */
  async function sellAndTamper(): Promise<TestEvent> {
    const event = await sell();
    await sql`DELETE FROM orders WHERE seq = (SELECT min(seq) FROM orders WHERE event_id = ${event.id})`.execute(db);
    return event;
  }

  /** An auditor for which events are quiet after `quietMs`, with what it found; it is closed as cleanup.ts says. */
  function start(quietMs = 0) {
    const metrics = createMetrics();
    const found: Violation[] = [];
    const errors: Error[] = [];
    const decisions = createDecisions();
    const auditor = startAuditor(connect(url, 1), metrics, {
      decisions,
      quietMs,
      onViolation: (violation) => found.push(violation),
      onError: (error) => errors.push(error),
    });
    atEnd(auditor.close);
    return {
      ...{ auditor, found, errors },
      decided: (...events: TestEvent[]) => {
        for (const { id } of events) decisions.publish({ eventId: id, seq: 1, count: 1, soldOut: [] });
      },
      foundIn: (event: TestEvent) => found.filter(({ eventId }) => eventId === event.id),
      counted: async () => (await metrics.figures(["invariant_violations_total"])).invariant_violations_total ?? 0,
    };
  }

  it("finds what was tampered with, says where, counts it once, and tells the other gateways", async () => {
    const event = await sellAndTamper();
    const { checks } = await audit(db, event.id, event.code);
    const broken = checks.filter(({ ok }) => !ok).map(({ ok, ...check }) => check);
    const heard = await recordNotifications(url, auditedChannel);

    const { decided, found, counted, errors } = start();
    decided(event);
    await untilTrue("it is found", () => found.length >= broken.length);

    assert(broken.length > 0);
    assert.deepEqual(
      found,
      broken.map((check) => ({ eventId: event.id, eventCode: event.code, ...check })),
    );
    assert.equal(
      await counted(),
      broken.reduce((sum, { violations }) => sum + violations, 0),
    );
    assert.deepEqual(await heard(), [String(event.id)]);
    assert.deepEqual(errors, []);
  });

  it("looks at an event once after a decision, and finds a sound one in order", async () => {
    const [sound, broken, last] = [await sell(), await sellAndTamper(), await sellAndTamper()];
    const { decided, found, foundIn, counted } = start();
    decided(sound, broken, broken, last);
    await untilTrue("the last one is found", () => foundIn(last).length > 0);
    const once = foundIn(broken).length;

    assert(once > 0);
    assert.equal(found.length, once + foundIn(last).length);
    const countedOnce = await counted();
    decided(broken);
    await untilTrue("it is found again", () => foundIn(broken).length === 2 * once);
    assert((await counted()) > countedOnce);
  });

  it("leaves an event to the gateway that is at it, and does it when that one dies", async () => {
    const [taken, free] = [await sellAndTamper(), await sellAndTamper()];
    const { promise: work, reject: die } = Promise.withResolvers<Violation>();
    const other = assert.rejects(() => takeAuditTurn(connect(url, 1), taken.id, () => work));
    const turns = () => sql<{ count: number }>`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`.execute(db);
    await untilTrue("the other one has its turn", async () => (await turns()).rows[0]?.count === 1);

    const { decided, foundIn } = start();
    decided(taken, free);
    await untilTrue("the free one is found", () => foundIn(free).length > 0);
    assert.deepEqual(foundIn(taken), []);
    die(new Error("it died"));
    await other;

    await untilTrue("the other one is found as well", () => foundIn(taken).length > 0);
  });

  it("forgets an event that another gateway has audited", async () => {
    const [done, left] = [await sellAndTamper(), await sellAndTamper()];
    const { auditor, decided, foundIn } = start();
    decided(done, left);
    auditor.onAudited(String(done.id));

    await untilTrue("the one that is left is found", () => foundIn(left).length > 0);
    assert.deepEqual(foundIn(done), []);
  });

  it("audits an event all the same when something was decided while another gateway did", async () => {
    const event = await sellAndTamper();
    const { auditor, decided, found } = start(300);
    decided(event);
    auditor.onAudited(String(event.id));

    await untilTrue("it is found", () => found.length > 0);
  });

  it("finds nothing in orders that wait while no worker runs", async () => {
    const [late, last] = [await sell(), await sellAndTamper()];
    await placeOrders(db, late);
    await sql`UPDATE orders SET created_at = now() - interval '1 hour' WHERE status = 'PENDING'`.execute(db);
    const { checks } = await audit(db, late.id, late.code);
    const { decided, foundIn } = start();
    decided(late, last);
    await untilTrue("the last one is found", () => foundIn(last).length > 0);

    assert.deepEqual(
      checks.filter(({ ok }) => !ok).map(({ invariant }) => invariant),
      [4],
    );
    assert.deepEqual(foundIn(late), []);
  });

  it("goes on when the database was gone", async () => {
    const event = await sellAndTamper();
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE inventory_totals`.execute(tx);
    const { decided, found, errors } = start();
    decided(event);
    await untilBlocked(db);
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
    await untilTrue("it has noticed", () => errors.length > 0);
    await rollback();

    await untilTrue("it is found", () => found.length > 0);
  });

  it("stops in the middle of an audit when it is closed", async () => {
    const event = await sellAndTamper();
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE inventory_totals`.execute(tx);
    const { auditor, decided, found, errors } = start();
    decided(event);
    await untilBlocked(db);
    const closed = auditor.close();
    await rollback();
    await closed;

    assert.deepEqual([found, errors], [[], []]);
  });
});
