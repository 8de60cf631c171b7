import { setTimeout as delay } from "node:timers/promises";
import type { ProcessCounts } from "@onsale/database/connection-budget";
import { findMissingMigrations } from "@onsale/database/migrate";
import { countProcesses } from "@onsale/database/statements/operations/count-processes";
import { readServerFacts } from "@onsale/database/statements/operations/read-server-facts";
import { describeDatabase, howToFindDatabase, openDatabase, whyUnusable } from "../database.ts";
import { type Finding, failed } from "./finding.ts";
import { judgeClock, judgeConnections, judgeDurability, judgeMigrations, judgeServer } from "./judge-database.ts";

const patienceMs = 10_000;

/**
 * Looks at the database; one that cannot be reached is one finding.
 *
 * @param processes that are meant to run; those that do run count where they are more
 */
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
    const missing = await findMissingMigrations(db);
    // The table that they report into is one of the migrations.
    const running = missing.length === 0 ? await countProcesses(db) : {};
    return [
      judgeServer(facts, where),
      judgeMigrations(missing),
      judgeDurability(facts),
      judgeConnections(facts, atLeast(processes, running)),
      judgeClock(skewMs, answeredAtMs - askedAtMs),
    ];
  } catch (error) {
    const advice = "Is PostgreSQL running there, and are DATABASE_URL's host, database, user and password right?";
    return [failed("database", `${where} cannot be used: ${whyUnusable(error)}`, advice)];
  } finally {
    // A server that does not answer does not keep us.
    await Promise.race([db.destroy(), delay(patienceMs, undefined, { ref: false })]);
  }
}

function atLeast(meant: ProcessCounts, running: Readonly<Record<string, number>>): ProcessCounts {
  const most = (count: number, kind: string) => Math.max(count, running[kind] ?? 0);
  return {
    gateways: most(meant.gateways, "gateway"),
    workers: most(meant.workers, "worker"),
    notifiers: most(meant.notifiers, "notifier"),
    partitions: meant.partitions,
  };
}
