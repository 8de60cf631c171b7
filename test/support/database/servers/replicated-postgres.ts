// A primary and a standby that follows it synchronously, behind an address that a failover turns from one to the other,
// as HAProxy, a virtual address or the endpoint of a managed database does.
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { startProxy } from "../../http/proxy.ts";
import { untilTrue } from "../../until.ts";
import { ask } from "./ask.ts";
import { copyServerFiles, createOwnPostgres, createServerFolder, type OwnPostgres } from "./own-postgres.ts";

export type ReplicatedPostgres = Readonly<{
  /** Leads to the primary, also after a failover. */
  primaryUrl: string;
  /** Names both hosts, the standby first. */
  hostsUrl: string;
  primary: OwnPostgres;
  standby: OwnPostgres;
  /**
   * Makes the primary read-only and leaves its sessions alive, as the failover of some managed databases does; returns
   * when nothing is left to be written.
   */
  demote: () => Promise<void>;
  /** Lets the standby get all that was committed so far, and nothing more; for an asynchronous one. */
  cutOff: () => Promise<void>;
  /** Makes the standby a primary, and leads new connections to it. */
  promote: () => Promise<void>;
}>;

const standbyName = "standby";

/** Whether the standby has everything. */
const received = "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) AS answer FROM pg_stat_replication";

/**
 * Starts both; they are ended as cleanup.ts says.
 *
 * @param synchronousStandbyNames by default the standby; empty makes it an asynchronous one
 */
export async function startReplicatedPostgres(synchronousStandbyNames = standbyName): Promise<ReplicatedPostgres> {
  const primary = await createOwnPostgres({ settings: { synchronous_standby_names: synchronousStandbyNames } });
  const folder = createServerFolder();
  // Both begin as the same cluster: a standby is a copy of its primary's files, here from before its first start.
  copyServerFiles(primary, folder);
  const cluster = join(folder, "postgres", "cluster");
  execFileSync("touch", [join(cluster, "standby.signal")]);
  appendFileSync(join(cluster, "postgresql.auto.conf"), `primary_conninfo = '${connectionString(primary.url)}'\n`);
  const standby = await createOwnPostgres({ folder });
  await Promise.all([primary.start(), standby.start()]);
  const replication = "SELECT sync_state AS answer FROM pg_stat_replication WHERE state = 'streaming'";
  const expected = synchronousStandbyNames === "" ? "async" : "sync";
  await untilTrue("the standby follows", async () => (await ask(primary.url, replication)) === expected);
  const proxy = await startProxy(primary.url);
  return {
    primaryUrl: proxy.url,
    hostsUrl: withHosts(primary.url, [standby.url, primary.url]),
    primary,
    standby,
    demote: async () => {
      await ask(primary.url, "ALTER SYSTEM SET default_transaction_read_only = on");
      await ask(primary.url, "SELECT pg_reload_conf()");
      const sessions = "SELECT count(*) AS answer FROM pg_stat_activity WHERE backend_xid IS NOT NULL";
      await untilTrue("nothing is written", async () => Number(await ask(primary.url, sessions)) === 0);
      await untilTrue("the standby has everything", async () => (await ask(primary.url, received)) === true);
    },
    cutOff: async () => {
      await untilTrue("the standby has everything", async () => (await ask(primary.url, received)) === true);
      await ask(standby.url, "ALTER SYSTEM SET primary_conninfo = ''");
      await ask(standby.url, "SELECT pg_reload_conf()");
      const followers = "SELECT count(*) AS answer FROM pg_stat_replication";
      await untilTrue("the standby no longer follows", async () => Number(await ask(primary.url, followers)) === 0);
    },
    promote: async () => {
      await ask(standby.url, "SELECT pg_promote()");
      proxy.turnTo(standby.url);
    },
  };
}

/** A URL with the hosts and ports of several others. */
export function withHosts(url: string, others: readonly string[]): string {
  const hosts = others.map((other) => new URL(other).host);
  return url.replace(/@[^/]*/, `@${hosts.join(",")}`);
}

/** A URL in the form of libpq's connection strings, with the name of the standby. */
function connectionString(url: string): string {
  const { hostname, port, username, password } = new URL(url);
  return `host=${hostname} port=${port} user=${username} password=${password} application_name=${standbyName}`;
}
