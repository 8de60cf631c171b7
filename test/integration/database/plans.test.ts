// A connection keeps the plan of a statement until its tables are analysed. A plan that was made while the tables were
// nearly empty, when all plans cost the same, must still be good when they have grown. The SQL is in
// packages/database/sql.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Db } from "@onsale/database/client";
import { applyReturns } from "@onsale/database/statements/allocation/apply-returns";
import { lockStock } from "@onsale/database/statements/allocation/lock-stock";
import { readCustomerLines } from "@onsale/database/statements/allocation/read-rules";
import { findCatalogue } from "@onsale/database/statements/events/find-catalogue";
import { findSoldOut } from "@onsale/database/statements/events/find-sold-out";
import { readSales } from "@onsale/database/statements/events/read-sales";
import { findOrdersByKey } from "@onsale/database/statements/orders/find-orders-by-key";
import { getOrders } from "@onsale/database/statements/orders/get-orders";
import { countBacklog } from "@onsale/database/statements/pending/count-backlog";
import { countPending } from "@onsale/database/statements/pending/count-pending";
import { findLeftBehind } from "@onsale/database/statements/pending/find-left-behind";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { applyTransitions } from "@onsale/database/transitions/apply-transitions";
import { bucketOf } from "@onsale/domain/bucket";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { createDecider } from "@onsale/worker/decider";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent, placeOrders } from "../../support/database/factories.ts";

/** The tables that grow. */
const tables = new Set(["orders", "events", "inventory", "order_history", "payments", "holds", "forgotten_orders"]);

type PlanNode = Readonly<{
  "Node Type": string;
  "Relation Name"?: string;
  Alias?: string;
  "Index Cond"?: string;
  "TID Cond"?: string;
  Plans?: readonly PlanNode[];
}>;

describe("the plans of the hot path, made while the tables are nearly empty", () => {
  let db: Db;
  let prepared: readonly Readonly<{ name: string; statement: string; parameterCount: number }>[];

  before(async () => {
    // One connection, so that all prepared statements are found there.
    db = connect(await createTestDatabase(), 1);
    const event = await createTestEvent(db, { STANDARD: 5 });
    const decideNext = createDecider(db, createMetrics(), createLogger("test", "silent"));
    for (const strategy of ["optimistic", "pessimistic"] as const) {
      const orders = await placeOrders(db, event, [{ strategy }]);
      await findCatalogue(db, [event]);
      await findSoldOut(db, [{ eventId: event.id, ticketType: "STANDARD", isCounted: true }]);
      await findOrdersByKey(db, orders);
      await countBacklog(db);
      await countPending(db, [event.id]);
      await readSales(db, [event.id]);
      await findLeftBehind(db, 0);
      await summarisePending(db);
      const { accountId, id: eventId } = event;
      await readCustomerLines(db, [{ eventId, accountId, customer: "00", customerRef: "anna" }]);
      await lockStock(db, [{ eventId: event.id, ticketType: "STANDARD" }]);
      await getOrders(
        db,
        orders.map(({ id }) => id),
      );
      const result = await decideNext([bucketOf(event.id)]);
      assert.equal(result.kind, "decided");
      const wish = { kind: "cancel", items: null, reason: null } as const;
      const request = { accountId: event.accountId, actor: "test", wish, key: null, matches: () => true };
      const { outcomes } = await applyTransitions(
        db,
        orders.map(({ id }) => ({ ...request, orderId: id })),
      );
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ["changed"],
      );
      assert.equal((await applyReturns(db, [bucketOf(event.id)])).returnedCount, 1);
    }
    await sql`ANALYZE`.execute(db);
    const { rows } = await sql<(typeof prepared)[number]>`
      SELECT name, statement, cardinality(parameter_types) AS "parameterCount" FROM pg_prepared_statements`.execute(db);
    prepared = rows;
  });

  const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

  it("are made once, not for each list of parameters", async () => {
    const { rows } = await sql<{ statement: string }>`
      SELECT statement FROM pg_prepared_statements WHERE custom_plans > 0`.execute(db);
    assert.deepEqual(rows, []);
    assert(prepared.some(({ statement }) => statement.includes("FROM pg_locks")));
  });

  it("find rows by an index condition or their place, and never read a whole table or index", async () => {
    const checked = new Set<string>();
    for (const { name, statement, parameterCount } of prepared) {
      const parameters = Array.from({ length: parameterCount }, () => "NULL").join(", ");
      const { rows } = await sql<{ "QUERY PLAN": readonly [{ Plan: PlanNode }] }>`
        ${sql.raw(`EXPLAIN (FORMAT JSON) EXECUTE "${name}"(${parameters})`)}`.execute(db);
      const nodes = flatten(rows[0]?.["QUERY PLAN"][0].Plan ?? { "Node Type": "none" });
      for (const node of nodes) {
        const table = node["Relation Name"] ?? "";
        if (!tables.has(table) || !node["Node Type"].includes("Scan")) continue;
        // Returns find stock by its key, not by its place, and may begin with all of it: once for up to 250 returns.
        if (table === "inventory" && statement.includes("given_back AS")) continue;
        checked.add(table);
        const condition = node["Index Cond"] ?? node["TID Cond"];
        assert(condition !== undefined, `${node["Node Type"]} of all ${table} (${node.Alias}) in ${statement}`);
      }
    }
    assert.deepEqual(checked, tables);
  });
});
