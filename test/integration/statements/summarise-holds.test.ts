import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { summariseHolds } from "@onsale/database/statements/allocation/summarise-holds";
import { bucketOf } from "@onsale/domain/bucket";
import { registerHoldGauges } from "@onsale/observability/installation-gauges";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders } from "../../support/database/factories.ts";
import { decideAll } from "../../support/database/sale.ts";

describe("the summary of holds", () => {
  let db: Db;

  before(async () => {
    db = connect(await createTestDatabase());
  });

  it("counts held tickets, and says for how long holds and returns are overdue, also as gauges", async () => {
    const none = { ticketCount: 0, oldestDueAgeSeconds: 0, oldestReturnAgeSeconds: 0 };
    assert.deepEqual(await summariseHolds(db), none);
    const event = await createTestEvent(db, { STANDARD: 10 });
    const hold = { terms: { holdSeconds: 600 } };
    const [first] = await placeOrders(db, event, [
      { ...hold, quantity: 2 },
      { ...hold, quantity: 3 },
    ]);
    await decideAll(db, event.id);
    assert.deepEqual(await summariseHolds(db), { ...none, ticketCount: 5 });

    await sql`UPDATE orders SET expires_at = now() - interval '40 seconds' WHERE id = ${first?.id}`.execute(db);
    await sql`UPDATE holds SET expires_at = now() - interval '40 seconds' WHERE order_id = ${first?.id}`.execute(db);
    await sql`
      INSERT INTO returns (event_id, order_id, ticket_type, quantity, actor, created_at)
      VALUES (${event.id}, gen_random_uuid(), 'STANDARD', 1, 'test', now() - interval '50 seconds')`.execute(db);
    const late = await summariseHolds(db);
    assert.equal(late.ticketCount, 5);
    assert(late.oldestDueAgeSeconds >= 40 && late.oldestDueAgeSeconds < 100, String(late.oldestDueAgeSeconds));
    assert(late.oldestReturnAgeSeconds >= 50 && late.oldestReturnAgeSeconds < 110);
    const metrics = createMetrics();
    registerHoldGauges(metrics, () => summariseHolds(db));
    const text = await metrics.text();
    assert.match(text, /^holds_open 5$/m);
    assert.match(text, /^hold_oldest_due_age_seconds [4-9]\d/m);

    await applyReturns(db, [bucketOf(event.id)]);
    assert.deepEqual(await summariseHolds(db), { ...none, ticketCount: 3 });
  });
});
