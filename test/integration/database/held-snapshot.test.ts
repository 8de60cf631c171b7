// Every batch rewrites rows of `inventory` and `buckets`. While somebody holds an old snapshot, vacuum keeps all their
// versions; look-ups must not walk through them (docs/decisions/0015-generations.md).
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Strategy } from "@onsale/contracts/order";
import { createDatabase, type Db } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { readPending } from "@onsale/database/statements/allocation/read-pending";
import { findCatalogue } from "@onsale/database/statements/events/find-catalogue";
import { findSoldOut } from "@onsale/database/statements/events/find-sold-out";
import { getEvent, listEvents } from "@onsale/database/statements/events/get-events";
import { getInventory } from "@onsale/database/statements/events/get-inventory";
import { readSales } from "@onsale/database/statements/events/read-sales";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { countPending } from "@onsale/database/statements/pending/count-pending";
import { findLeftBehind } from "@onsale/database/statements/pending/find-left-behind";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { bucketCount, bucketOf } from "@onsale/domain/bucket";
import { sql } from "kysely";
import pg from "pg";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import {
  createTestEvent,
  defaultAccountId,
  placeOrders,
  type TestEvent,
  times,
} from "../../support/database/factories.ts";
import { decideOnce } from "../../support/database/sale.ts";
import { countBuffers } from "../../support/database/statements.ts";

/** Enough that walking through all versions of a row reads at least 18 pages, and few enough for a quick test. */
const batchCount = 2_500;
/** Pages that a look-up may read beyond those that it reads when a row has one version. */
const extraPagesMax = 13;
/** Look-ups of all 64 buckets pass one more level of an index. */
const bucketLookUps = new Set(["summarisePending", "findLeftBehind"]);
/** So many that they include updates which cannot be heap-only, and those in between. */
const cycle = 128;

describe("while somebody holds an old snapshot", () => {
  let url: string;
  /** Sessions of the hot path, and of lists and changes. */
  let hot: Db;
  let plain: Db;
  let event: TestEvent;
  let readPages: () => Promise<Record<string, number>>;

  before(async () => {
    url = await createTestDatabase();
    const options = { url, connectionCountMax: 1, applicationName: "onsale-test" };
    // Commits need not wait for the disk here.
    hot = createDatabase({ ...options, settings: { ...indexPlans, synchronous_commit: "off" } });
    plain = createDatabase(options);
    atEnd(() => Promise.all([hot.destroy(), plain.destroy()]));
    event = await createTestEvent(hot, { STANDARD: 1_000_000, VIP: 1 });
    readPages = await preparePages();
  });

  async function decideMany(count: number, strategy: Strategy = "optimistic"): Promise<void> {
    for (let n = 0; n < count; n++) {
      if (n % 100 === 0) await placeOrders(hot, event, times(Math.min(100, count - n), { strategy }));
      const result = await decideOnce(hot, event.id, 1);
      assert.equal(result.kind, "decided");
    }
  }

  /** Pages that each look-up reads and each batch touches, on average. */
  async function preparePages(): Promise<() => Promise<Record<string, number>>> {
    const { id: eventId, accountId, code: eventCode } = event;
    const standard = { eventId, ticketType: "STANDARD" };
    const lookUps: Readonly<Record<string, () => Promise<unknown>>> = {
      readPending: () => readPending(hot, [bucketOf(eventId)], 1),
      findSoldOut: () => findSoldOut(hot, [{ ...standard, isCounted: true }]),
      readSales: () => readSales(hot, [eventId]),
      countPending: () => countPending(hot, [eventId]),
      summarisePending: () => summarisePending(hot),
      findLeftBehind: () => findLeftBehind(hot, 0),
      findCatalogue: () => findCatalogue(hot, [event]),
      getInventory: () => getInventory(plain, eventId),
      getEvent: () => getEvent(plain, accountId, eventCode),
      listEvents: () => listEvents(plain, defaultAccountId, { offset: 0 }, 10),
      "set a total as it is": () =>
        setInventoryTotal(hot, { ...standard, accountId, eventCode, total: 1_000_000, actor: "test" }),
    };
    const count = await countBuffers(hot);
    return async () => {
      const pages: Record<string, number> = {};
      for (const strategy of ["optimistic", "pessimistic"] as const) {
        pages[`decideBatch, ${strategy}`] = (await count(() => decideMany(cycle, strategy))) / cycle;
      }
      for (const [name, lookUp] of Object.entries(lookUps)) pages[name] = await count(lookUp);
      return pages;
    };
  }

  it(`each look-up stays as cheap during ${batchCount} batches, and after them when it has ended`, async () => {
    await decideMany(10);
    await sql`VACUUM ANALYZE`.execute(hot);
    const before = await readPages();

    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    atEnd(() => holder.end());
    await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await holder.query("SELECT FROM accounts");
    await decideMany(batchCount);
    // As autovacuum does once a minute: statements are planned anew, and the primary keys look cheaper than they are.
    await sql`VACUUM ANALYZE`.execute(hot);
    assertSimilar(await readPages(), before);

    await holder.query("ROLLBACK");
    await sql`VACUUM ANALYZE`.execute(hot);
    assertSimilar(await readPages(), before);
  });
});

function pagesMax(name: string, before: number): number {
  return before + extraPagesMax + (bucketLookUps.has(name) ? bucketCount : 0);
}

function assertSimilar(pages: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): void {
  const more = Object.entries(pages).filter(([name, count]) => count > pagesMax(name, before[name] ?? 0));
  assert.deepEqual(
    more.map(([name, count]) => `${name} touches ${count} pages instead of ${before[name]}`),
    [],
  );
}
