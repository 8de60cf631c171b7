// PostgreSQL writes no index for an update whose new row fits on the page of the old one. First decisions always have
// room (fillfactor 45); later transitions have it when the version before was pruned.
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import type { Wish } from "@onsale/database/transitions/plan";
import { bucketOf } from "@onsale/domain/bucket";
import { createTransitions } from "@onsale/gateway/transitions/transitions";
import { createMetrics } from "@onsale/observability/metrics";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders, times } from "../../support/database/factories.ts";
import { assertSound, decideAll } from "../../support/database/sale.ts";
import { createRandom } from "../../support/random.ts";

const orderCount = 4_000;
const groupSize = 100;

/** The updates of orders so far, and how many of them were heap-only. */
async function readUpdates(db: Db) {
  await sql`SELECT pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ all: number; heapOnly: number }>`
    SELECT n_tup_upd AS "all", n_tup_hot_upd AS "heapOnly" FROM pg_stat_user_tables WHERE relname = 'orders'`.execute(
    db,
  );
  return rows[0] ?? { all: 0, heapOnly: 0 };
}

test("at least 90 % of later transitions, at random times, are heap-only updates", async () => {
  // One connection, so that its own statistics are complete when it reads them.
  const db = connect(await createTestDatabase(), 1);
  const event = await createTestEvent(db, { STANDARD: orderCount });
  const held: string[] = [];
  for (let count = 0; count < orderCount; count += groupSize) {
    const part = { terms: { holdSeconds: 600 }, customerRef: "a customer of usual length" } as const;
    held.push(...(await placeOrders(db, event, times(groupSize, part))).map(({ id }) => id));
    await decideAll(db, event.id);
  }
  const decided = await readUpdates(db);
  assert.deepEqual(decided, { all: orderCount, heapOnly: orderCount });

  const transitions = createTransitions(db, createMetrics(), () => undefined);
  const change = async (orderId: string, wish: Wish) => {
    const request = { accountId: event.accountId, orderId, actor: "test", wish, key: null, matches: () => true };
    assert.equal((await transitions.submit(request)).outcome.kind, "changed");
  };
  const { random, seed } = createRandom();
  const keyed = held.map((id) => ({ id, key: random() })).sort((a, b) => a.key - b.key);
  for (let begin = 0; begin < orderCount; begin += groupSize) {
    await Promise.all(
      keyed.slice(begin, begin + groupSize).map(({ id }, index) => {
        if (index % 3 === 0) return change(id, { kind: "cancel", items: null, reason: null });
        return change(id, { kind: "confirm", reference: `payment-${id}` });
      }),
    );
    await applyReturns(db, [bucketOf(event.id)]);
  }
  const { all, heapOnly } = await readUpdates(db);
  const share = (heapOnly - decided.heapOnly) / (all - decided.all);
  assert(share >= 0.9, `${share} of ${all - decided.all} transitions were heap-only (seed ${seed})`);
  await assertSound(db, event);
});
