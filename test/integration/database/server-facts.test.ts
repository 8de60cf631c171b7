import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { createDatabase } from "@onsale/database/client";
import { readServerFacts } from "@onsale/database/statements/operations/read-server-facts";
import { sql } from "kysely";
import pg from "pg";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";

describe("the facts of a server", () => {
  it("count the sessions of other programs, also for a user who may not see what they do", async () => {
    const databaseUrl = await createTestDatabase();
    const db = connect(databaseUrl);
    const name = `test_role_${randomBytes(8).toString("hex")}`;
    await sql.raw(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`).execute(db);
    atEnd(() => sql.raw(`DROP ROLE ${name}`).execute(db));
    const limited = createDatabase({
      url: Object.assign(new URL(databaseUrl), { username: name, password: "secret" }).href,
      connectionCountMax: 1,
      applicationName: "onsale-test",
    });
    atEnd(() => limited.destroy());
    const others = ["psql", ""].map(
      (application_name) => new pg.Client({ connectionString: databaseUrl, application_name }),
    );
    for (const other of others) {
      await other.connect();
      atEnd(() => other.end());
    }
    for (const viewer of [db, limited]) {
      const { connectionsOpen, connectionsOfOthers } = await readServerFacts(viewer);
      assert(connectionsOfOthers >= 2 && connectionsOpen > connectionsOfOthers);
    }
  });
});
