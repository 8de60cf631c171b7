import { strict as assert } from "node:assert";
import { it } from "node:test";
import pg from "pg";
import { startOldestPostgres, withoutOldestPostgres } from "../../support/database/servers/oldest-postgres.ts";
import { createApi } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { untilAllDecided } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";

/** With statements compiled by JIT, even the fastest of some purchases took longer than a second. */
const fastestMaxMs = 500;

describePipeline(
  "the oldest supported PostgreSQL, with its distribution's defaults",
  () => {
    it("sells with both strategies, and compiles no statement", async () => {
      const databaseUrl = await startOldestPostgres();
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      const { rows } = await client.query(
        "SELECT current_setting('server_version') AS version, pg_jit_available() AS jit",
      );
      await client.end();
      assert.match(rows[0].version, /^15\./);
      assert.equal(rows[0].jit, true);

      const environment = { DATABASE_URL: databaseUrl };
      const [gateway] = await Promise.all([startGateway(environment), startWorker(environment)]);
      const api = createApi(gateway.url);
      const eventCode = await api.createEvent({ STANDARD: 40, VIP: 5 });
      const tookMs: number[] = [];
      for (const strategy of ["optimistic", "pessimistic", "optimistic", "pessimistic"] as const) {
        const startedAtMs = performance.now();
        const { status, body } = await api.purchase({ eventCode, strategy, waitSeconds: 20 });
        tookMs.push(performance.now() - startedAtMs);
        assert.deepEqual([status, body.status], [200, "CONFIRMED"]);
      }
      assert(Math.min(...tookMs) < fastestMaxMs, `${tookMs.map(Math.round).join(", ")} ms`);

      const crowd = Array.from({ length: 60 }, (_, index) =>
        api.purchase({ eventCode, strategy: index % 2 === 0 ? "optimistic" : "pessimistic" }),
      );
      assert((await Promise.all(crowd)).every(({ status }) => status === 202));
      await untilAllDecided(api, eventCode);
      const { orders } = await api.assertSound(eventCode);
      assert.deepEqual([orders.confirmed, orders.rejected], [40, 24]);
    });
  },
  withoutOldestPostgres,
);
