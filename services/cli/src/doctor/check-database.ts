import { setTimeout as delay } from "node:timers/promises";
import { databaseServers } from "@onsale/config/database-url";
import type { ProcessCounts } from "@onsale/database/connection/connection-budget";
import { describeDatabase } from "@onsale/database/connection/describe-database";
import { requirePinnedSession } from "@onsale/database/connection/pooler";
import { findMissingMigrations } from "@onsale/database/migrate";
import { summariseHolds } from "@onsale/database/statements/allocation/summarise-holds";
import { countProcesses } from "@onsale/database/statements/operations/count-processes";
import { listProcesses } from "@onsale/database/statements/operations/list-processes";
import { readReplication } from "@onsale/database/statements/operations/read-replication";
import { readServerFacts } from "@onsale/database/statements/operations/read-server-facts";
import { readServerRisks } from "@onsale/database/statements/operations/read-server-risks";
import { readSnapshots } from "@onsale/database/statements/operations/read-snapshots";
import { adviceOnPooler, howToFindDatabase, openDatabase, whyUnusable } from "../database/connection.ts";
import { plain } from "../output/text.ts";
import { checkServers } from "./check-servers.ts";
import { type Finding, failed } from "./finding.ts";
import {
  judgeClock,
  judgeConnections,
  judgeDurability,
  judgeMigrations,
  judgeServer,
  versionNumberMin,
} from "./judge-database.ts";
import { judgeHolds } from "./judge-holds.ts";
import { judgeProxies } from "./judge-processes.ts";
import { judgeStandbys } from "./judge-replication.ts";
import { judgeRisks } from "./judge-risks.ts";

const closeMaxMs = 10_000;

/**
 * Checks the database. When it cannot be reached, that is the only finding, beside which of several hosts answer.
 *
 * @param processes how many are meant to run; where more of a kind run now, their number counts
 */
export async function checkDatabase(databaseUrl: string | undefined, processes: ProcessCounts): Promise<Finding[]> {
  if (databaseUrl === undefined) return [failed("database", "none is configured", howToFindDatabase)];
  const where = plain(describeDatabase(databaseUrl));
  const servers = await checkServers(databaseUrl);
  const db = openDatabase(databaseUrl);
  try {
    // Opens the connection, so that the query after the next measures only one round trip.
    await requirePinnedSession(db);
    await readServerFacts(db);
    const askedAtMs = Date.now();
    const facts = await readServerFacts(db);
    const answeredAtMs = Date.now();
    const skewMs = facts.now.getTime() - (askedAtMs + answeredAtMs) / 2;
    const missing = await findMissingMigrations(db);
    // A migration creates the table with their reports.
    const isMigrated = missing.length === 0;
    const running = isMigrated ? await countProcesses(db) : {};
    return [
      judgeServer(facts, where),
      ...servers,
      judgeMigrations(missing),
      judgeDurability(facts),
      judgeStandbys(await readReplication(db), databaseServers(databaseUrl).length),
      ...(facts.versionNumber < versionNumberMin ? [] : await findRisks(databaseUrl)),
      judgeConnections(facts, atLeast(processes, running)),
      judgeClock(skewMs, answeredAtMs - askedAtMs),
      judgeProxies(isMigrated ? await listProcesses(db) : []),
      ...(isMigrated ? [judgeHolds(await summariseHolds(db))] : []),
    ];
  } catch (error) {
    const advice = "Is PostgreSQL running there, and are DATABASE_URL's host, database, user and password right?";
    const why = `${where} cannot be used: ${whyUnusable(error)}`;
    return [failed("database", why, adviceOnPooler(error) ?? advice), ...servers];
  } finally {
    // A server that does not answer must not keep the command waiting.
    await Promise.race([db.destroy(), delay(closeMaxMs, undefined, { ref: false })]);
  }
}

/** Our other sessions have settings of their own, which would hide the server's. */
async function findRisks(databaseUrl: string): Promise<Finding[]> {
  const db = openDatabase(databaseUrl, { usesServerSettings: true });
  try {
    return judgeRisks(await readServerRisks(db), await readSnapshots(db));
  } finally {
    await Promise.race([db.destroy(), delay(closeMaxMs, undefined, { ref: false })]);
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
