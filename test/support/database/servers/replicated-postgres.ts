// A primary and a standby that follows it synchronously, behind an address that a failover turns from one to the other,
// as HAProxy, a virtual address or the endpoint of a managed database does.
import { execFileSync } from "node:child_process";
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
  /** Makes the standby a primary, and leads new connections to it. */
  promote: () => Promise<void>;
}>;

const standbyName = "standby";

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
  execFileSync("touch", [join(folder, "postgres", "cluster", "standby.signal")]);
  const standby = await createOwnPostgres({ folder, settings: { primary_conninfo: connectionString(primary.url) } });
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
      const received = "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) AS answer FROM pg_stat_replication";
      await untilTrue("nothing is written", async () => Number(await ask(primary.url, sessions)) === 0);
      await untilTrue("the standby has everything", async () => (await ask(primary.url, received)) === true);
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
