// Asks each server of a DATABASE_URL with several hosts what it is.
import { setTimeout as delay } from "node:timers/promises";
import { type DatabaseServer, databaseServers } from "@onsale/config/database-url";
import { readServerRole } from "@onsale/database/statements/operations/read-server-role";
import { openDatabase, whyUnusable } from "../database/connection.ts";
import type { Finding } from "./finding.ts";
import { judgeServers, type SeenServer } from "./judge-replication.ts";

const closeMaxMs = 10_000;

/** There is no finding when DATABASE_URL has one host. */
export async function checkServers(databaseUrl: string): Promise<Finding[]> {
  const servers = databaseServers(databaseUrl);
  return servers.length === 1 ? [] : [judgeServers(await Promise.all(servers.map(look)))];
}

async function look({ name, url }: DatabaseServer): Promise<SeenServer> {
  const db = openDatabase(url);
  try {
    return { name, role: await readServerRole(db) };
  } catch (error) {
    return { name, fault: whyUnusable(error) };
  } finally {
    await Promise.race([db.destroy(), delay(closeMaxMs, undefined, { ref: false })]);
  }
}
