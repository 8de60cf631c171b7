// A statement whose answer got lost may have taken effect. Only its caller knows whether it may be sent again.
import { strict as assert } from "node:assert";
import { it } from "node:test";
import { createDatabase, type Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { sql } from "kysely";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { createCallWatch } from "../../support/wire/call-watch.ts";
import { startLosingProxy } from "../../support/wire/losing-proxy.ts";
import { createPostgresTap } from "../../support/wire/postgres-tap.ts";

const insert = (db: Db) => sql`INSERT INTO notes VALUES (${"once"})`.execute(db);
const read = async (db: Db) =>
  (await sql<{ body: string }>`SELECT body FROM notes WHERE body <> ${""}`.execute(db)).rows;

async function open() {
  const watch = createCallWatch();
  const { url } = await startLosingProxy(await createTestDatabase("empty"), () => createPostgresTap(watch));
  const db = createDatabase({ url, connectionCountMax: 1, applicationName: "onsale-test" });
  atEnd(() => db.destroy());
  await sql`CREATE TABLE notes (body text)`.execute(db);
  return { db, watch };
}

it("a statement whose answer got lost is not sent again by the pool, and fails as unavailable", async () => {
  const { db, watch } = await open();
  watch.loseNext("INSERT INTO notes VALUES ($?)");
  await assert.rejects(insert(db), (error) => classify(error) === "unavailable");
  assert.equal(watch.lostCount(), 1);
  assert.deepEqual(await read(db), [{ body: "once" }]);
});

it("a query whose answer got lost is sent again, because it changes nothing", async () => {
  const { db, watch } = await open();
  await insert(db);
  watch.loseNext("SELECT body FROM notes WHERE body <> $?");
  assert.deepEqual(await read(db), [{ body: "once" }]);
  assert.equal(watch.lostCount(), 1);
});
