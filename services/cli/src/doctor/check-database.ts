import { setTimeout as delay } from "node:timers/promises";
import type { ProcessCounts } from "@onsale/database/connection-budget";
import { findMissingMigrations } from "@onsale/database/migrate";
import { readServerFacts } from "@onsale/database/statements/read-server-facts";
import { describeDatabase, howToFindDatabase, openDatabase } from "../database.ts";
import { whyOf } from "../why.ts";
import { type Finding, failed } from "./finding.ts";
import { judgeClock, judgeConnections, judgeDurability, judgeMigrations, judgeServer } from "./judge-database.ts";

const patienceMs = 10_000;

/** Looks at the database; one that cannot be reached is one finding. */
export async function checkDatabase(databaseUrl: string | undefined, processes: ProcessCounts): Promise<Finding[]> {
  if (databaseUrl === undefined) return [failed("database", "none is configured", howToFindDatabase)];
  const where = describeDatabase(databaseUrl);
  const db = openDatabase(databaseUrl);
  try {
    // Opens the connection, so that the time of the next one is the network's.
    await readServerFacts(db);
    const askedAtMs = Date.now();
    const facts = await readServerFacts(db);
    const answeredAtMs = Date.now();
    const skewMs = facts.now.getTime() - (askedAtMs + answeredAtMs) / 2;
    return [
      judgeServer(facts, where),
      judgeMigrations(await findMissingMigrations(db)),
      judgeDurability(facts),
      judgeConnections(facts, processes),
      judgeClock(skewMs, answeredAtMs - askedAtMs),
    ];
  } catch (error) {
    const advice = "Is PostgreSQL running there, and are DATABASE_URL's host, user and password right?";
    return [failed("database", `${where} cannot be used: ${whyOf(error)}`, advice)];
  } finally {
    // A server that does not answer does not keep us.
    await Promise.race([db.destroy(), delay(patienceMs, undefined, { ref: false })]);
  }
}
