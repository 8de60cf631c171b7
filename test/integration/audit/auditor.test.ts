// Audits that a gateway runs by itself. It audits events one after the other, in the order in which they became quiet:
// once it reports the event that became quiet last, it has audited all others.
import { strict as assert } from "node:assert";
import { beforeEach, describe, it } from "node:test";
import { auditedChannel } from "@onsale/database/announcements/channels";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { readLastAudit } from "@onsale/database/statements/audit/last-audit";
import { takeAuditTurn } from "@onsale/database/statements/audit/take-audit-turn";
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

  /** An event with tampered orders: a confirmed one was deleted. */
  async function sellAndTamper(): Promise<TestEvent> {
    const event = await sell();
    await sql`DELETE FROM orders WHERE seq = (SELECT min(seq) FROM orders WHERE event_id = ${event.id})`.execute(db);
    return event;
  }

  /** An auditor for which events are quiet after `quietMs`, and the violations that it reports. */
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
      auditor,
      found,
      errors,
      decided: (...events: TestEvent[]) => {
        for (const { id } of events) decisions.publish({ eventId: id, seq: 1, count: 1, soldOut: [] });
      },
      foundIn: (event: TestEvent) => found.filter(({ eventId }) => eventId === event.id),
      counted: async () => (await metrics.figures(["invariant_violations_total"])).invariant_violations_total ?? 0,
    };
  }

  it("reports and counts each violation once, and announces the audit to the other gateways", async () => {
    const event = await sellAndTamper();
    const { checks } = await audit(db, event.id, event.code);
    const broken = checks.filter(({ ok }) => !ok).map(({ ok, ...check }) => check);
    const readNotified = await recordNotifications(url, auditedChannel);

    const { decided, found, counted, errors } = start();
    decided(event);
    await untilTrue("the violations are reported", () => found.length >= broken.length);

    assert(broken.length > 0);
    assert.deepEqual(
      found,
      broken.map((check) => ({ eventId: event.id, eventCode: event.code, ...check })),
    );
    assert.equal(
      await counted(),
      broken.reduce((sum, { violations }) => sum + violations, 0),
    );
    assert.deepEqual(await readNotified(), [String(event.id)]);
    // For the console.
    assert.deepEqual((await readLastAudit(db, event.id))?.checks, checks);
    assert.deepEqual(errors, []);
  });

  it("audits an event once after its last decision, and reports nothing of a sound one", async () => {
    const sound = await sell();
    const broken = await sellAndTamper();
    const last = await sellAndTamper();
    const { decided, found, foundIn, counted } = start();
    decided(sound, broken, broken, last);
    await untilTrue("the last event is reported", () => foundIn(last).length > 0);
    const once = foundIn(broken).length;

    assert(once > 0);
    assert.equal(found.length, once + foundIn(last).length);
    const countedOnce = await counted();
    decided(broken);
    await untilTrue("it is reported again", () => foundIn(broken).length === 2 * once);
    assert((await counted()) > countedOnce);
  });

  it("leaves an event to the gateway that audits it, and audits it when that gateway dies", async () => {
    const taken = await sellAndTamper();
    const free = await sellAndTamper();
    const { promise: work, reject: die } = Promise.withResolvers<Violation>();
    const other = assert.rejects(() => takeAuditTurn(connect(url, 1), taken.id, () => work));
    const turns = () => sql<{ count: number }>`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`.execute(db);
    await untilTrue("the other gateway has the event's turn", async () => (await turns()).rows[0]?.count === 1);

    const { decided, foundIn } = start();
    decided(taken, free);
    await untilTrue("the free event is reported", () => foundIn(free).length > 0);
    assert.deepEqual(foundIn(taken), []);
    die(new Error("it died"));
    await other;

    await untilTrue("the taken event is reported, too", () => foundIn(taken).length > 0);
  });

  it("drops an event that another gateway has audited", async () => {
    const done = await sellAndTamper();
    const left = await sellAndTamper();
    const { auditor, decided, foundIn } = start();
    decided(done, left);
    auditor.handlers[auditedChannel]?.(String(done.id));

    await untilTrue("the event that is left is reported", () => foundIn(left).length > 0);
    assert.deepEqual(foundIn(done), []);
  });

  it("audits an event that another gateway audited right after its last decision", async () => {
    const event = await sellAndTamper();
    const { auditor, decided, found } = start(300);
    decided(event);
    auditor.handlers[auditedChannel]?.(String(event.id));

    await untilTrue("the violations are reported", () => found.length > 0);
  });

  it("reports nothing of orders that are pending while no worker runs", async () => {
    const late = await sell();
    const last = await sellAndTamper();
    await placeOrders(db, late);
    await sql`UPDATE orders SET created_at = now() - interval '1 hour' WHERE status = 'PENDING'`.execute(db);
    const { checks } = await audit(db, late.id, late.code);
    const { decided, foundIn } = start();
    decided(late, last);
    await untilTrue("the last event is reported", () => foundIn(last).length > 0);

    assert.deepEqual(
      checks.filter(({ ok }) => !ok).map(({ invariant }) => invariant),
      [4],
    );
    assert.deepEqual(foundIn(late), []);
  });

  it("audits again after the database was unavailable", async () => {
    const event = await sellAndTamper();
    const { tx, rollback } = await openTransaction(db);
    await sql`LOCK TABLE inventory_totals`.execute(tx);
    const { decided, found, errors } = start();
    decided(event);
    await untilBlocked(db);
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
    await untilTrue("the error is reported", () => errors.length > 0);
    await rollback();

    await untilTrue("the violations are reported", () => found.length > 0);
  });

  it("ends an audit in the middle when it is closed", async () => {
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
