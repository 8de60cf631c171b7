import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { createTestDatabase } from "../../support/database/database.ts";
import { startPgBouncer } from "../../support/external/pgbouncer.ts";
import { without } from "../../support/external/programs.ts";
import { createCli, startProgram } from "../../support/services/program.ts";

const dropped = ["options", "statement_timeout", "idle_in_transaction_session_timeout"];
const reason = /a pooler such as PgBouncer is between .* drops their settings/;

describe("a DATABASE_URL that leads to PgBouncer", { skip: without("pgbouncer") }, () => {
  let databaseUrl: string;

  before(async () => {
    databaseUrl = await createTestDatabase();
  });

  for (const mode of ["session", "transaction"] as const) {
    for (const ignoredParameters of [[], dropped]) {
      const what = ignoredParameters.length === 0 ? "refuses" : "drops";
      it(`is refused with what to do, in ${mode} mode, when it ${what} start-up parameters`, async () => {
        const url = await startPgBouncer(databaseUrl, { mode, ignoredParameters });
        const cli = createCli({ DATABASE_URL: url });
        const [service, keys, doctor] = await Promise.all([
          startProgram("services/worker/src/main.ts", [], { DATABASE_URL: url, METRICS_PORT: "0" }).ended,
          cli.run("keys", "list"),
          cli.run("doctor"),
        ]);
        assert.equal(service.code, 1);
        assert.match(service.stderr, /^worker: a pooler such as .*; let DATABASE_URL name PostgreSQL itself\n$/);
        assert.equal(keys.code, 1);
        assert.match(keys.stderr, reason);
        assert.match(keys.stderr, /→ Let DATABASE_URL name PostgreSQL itself\./);
        assert.match(doctor.stdout, /✘ database .* cannot be used: a pooler such as PgBouncer/);
        assert.match(doctor.stdout, /→ Let DATABASE_URL name PostgreSQL itself\./);
      });
    }
  }
});
