// Two PostgreSQL servers and a monitor under pg_auto_failover, as docs/failover.md sets them up, on this machine alone.
// A server's "machine" is its pg_autoctl with all that runs below it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { signal } from "@onsale/service/process-info";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../cleanup.ts";
import { findProgram } from "../../external/programs.ts";
import { descendantsOf, untilGone } from "../../services/standalone.ts";
import { until, untilTrue } from "../../until.ts";
import { ask } from "./ask.ts";
import {
  createOldestFolder,
  giveToServer,
  oldestBinFolder,
  oldestServerUser,
  withoutOldestPostgres,
} from "./oldest-postgres.ts";

const extension = "/usr/share/postgresql/15/extension/pgautofailover.control";

/** Why tests with pg_auto_failover cannot run on this machine; false when they can. */
export const withoutAutoFailover: string | false = withoutOldestPostgres || whyMissing();

function whyMissing(): string | false {
  const isInstalled = findProgram("pg_autoctl") !== undefined && existsSync(extension);
  if (!isInstalled) {
    return "pg_auto_failover is missing; install pg-auto-failover-cli and postgresql-15-auto-failover to run this test";
  }
  // Its sockets are in a folder of the user postgres, and its superuser has that name.
  return process.getuid?.() === 0 ? false : "only root may start servers as the user postgres";
}

export type FailoverNode = Readonly<{
  port: number;
  start: () => void;
  /** Ends its machine: all of its processes at once. It stays down until `start`. */
  kill: () => Promise<void>;
}>;

export type FailoverCluster = Readonly<{
  /** Creates a database, and returns its URL for the superuser, with both servers. */
  createDatabase: (name: string) => Promise<string>;
  /** Resolves with the node that takes writes once the other one follows it synchronously. */
  untilSynchronous: () => Promise<Readonly<{ primary: FailoverNode; standby: FailoverNode }>>;
  /** Resolves when a server takes writes. */
  untilWritable: (node: FailoverNode) => Promise<void>;
}>;

/** The shortest times that leave a busy machine alone: the monitor's defaults take half a minute. */
const monitorSettings: Readonly<Record<string, string>> = {
  "pgautofailover.health_check_period": "500",
  "pgautofailover.health_check_timeout": "1000",
  "pgautofailover.health_check_max_retries": "1",
  "pgautofailover.health_check_retry_delay": "500",
  "pgautofailover.node_considered_unhealthy_timeout": "1500",
  "pgautofailover.primary_demote_timeout": "1000",
  "pgautofailover.startup_grace_period": "1000",
};

const connectionsMax = "200";
const settleMaxMs = 60_000;

/** Starts all of it; it is ended as cleanup.ts says. */
export async function startAutoFailover(): Promise<FailoverCluster> {
  const folder = createOldestFolder();
  const monitorPort = await findFreePort();
  const monitor = createProgram(folder, "monitor");
  await monitor.run("create", "monitor", "--auth", "trust", "--no-ssl", ...addressOf(monitorPort));
  appendSettings(monitor.data, monitorSettings);
  monitor.start();
  const monitorUrl = `postgres://autoctl_node@127.0.0.1:${monitorPort}/pg_auto_failover`;
  await untilTrue("the monitor answers", async () => (await ask(monitorUrl, "SELECT true AS answer")) === true);

  const first = await createNode(folder, "first", monitorUrl);
  appendSettings(first.data, { max_connections: connectionsMax });
  first.start();
  await untilTrue("the first server takes writes", () => isWritable(first), settleMaxMs);
  // A copy of the first one, with its settings.
  const second = await createNode(folder, "second", monitorUrl);
  second.start();
  const nodes = [first, second] as const;
  const findPrimary = async () => {
    const reported = `SELECT string_agg(nodeport || ' ' || reportedstate, ',' ORDER BY reportedstate) AS answer
      FROM pgautofailover.node WHERE reportedstate = goalstate`;
    const states = String(await ask(monitorUrl, reported)).split(",");
    const portIn = (state: string) => states.find((one) => one.endsWith(` ${state}`))?.split(" ")[0];
    const primary = nodes.find(({ port }) => String(port) === portIn("primary"));
    const standby = nodes.find(({ port }) => String(port) === portIn("secondary"));
    if (primary === undefined || standby === undefined) return undefined;
    const waits = "SELECT bool_or(sync_state IN ('sync', 'quorum')) AS answer FROM pg_stat_replication";
    return (await ask(urlOf([primary], "postgres"), waits)) === true ? { primary, standby } : undefined;
  };
  return {
    createDatabase: async (name) => {
      await ask(urlOf([first], "postgres"), `CREATE DATABASE ${name}`);
      return urlOf(nodes, name);
    },
    untilSynchronous: () => until("the standby follows synchronously", findPrimary, settleMaxMs),
    untilWritable: (node) => untilTrue("the standby is promoted", () => isWritable(node), settleMaxMs),
  };
}

/** pg_auto_failover keeps a server read-only for a while after its promotion. */
const isWritable = async (node: FailoverNode) =>
  (await ask(urlOf([node], "postgres"), "SELECT NOT current_setting('transaction_read_only')::bool AS answer")) ===
  true;

function urlOf(nodes: readonly FailoverNode[], database: string): string {
  return `postgres://postgres@${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}/${database}`;
}

async function createNode(
  folder: string,
  name: string,
  monitorUrl: string,
): Promise<FailoverNode & Readonly<{ data: string }>> {
  const port = await findFreePort();
  const node = createProgram(folder, name);
  const target = ["--monitor", monitorUrl, "--name", name, ...addressOf(port)];
  await node.run("create", "postgres", "--auth", "trust", "--no-ssl", "--pg-hba-lan", ...target);
  return { port, data: node.data, start: node.start, kill: node.kill };
}

function appendSettings(data: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  appendFileSync(join(data, "postgresql.conf"), `\n${lines.join("\n")}\n`);
}

const addressOf = (port: number) => ["--hostname", "127.0.0.1", "--pgport", String(port)];

/** A pg_autoctl with a folder of its own for data, configuration and state. */
function createProgram(folder: string, name: string) {
  const home = join(folder, name);
  mkdirSync(join(home, "run"), { recursive: true });
  giveToServer(home);
  const data = join(home, "data");
  const environment = {
    ...oldestServerUser(),
    cwd: home,
    env: {
      LC_ALL: "C",
      PATH: `${oldestBinFolder}:/usr/bin:/bin`,
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_DATA_HOME: join(home, "share"),
      XDG_RUNTIME_DIR: join(home, "run"),
      PGDATA: data,
    },
  };
  let running: ChildProcess | undefined;
  const kill = async () => {
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const processes = [running.pid, ...descendantsOf(running.pid)];
    // The group has what was started since they were listed, too.
    for (const pid of [-running.pid, ...processes]) signal(pid, "SIGKILL");
    await untilGone(processes);
  };
  return {
    data,
    run: (...parameters: string[]) => promisify(execFile)("pg_autoctl", parameters, environment),
    start: () => {
      const log = openSync(join(home, "log"), "a");
      running = spawn("pg_autoctl", ["run"], { ...environment, detached: true, stdio: ["ignore", log, log] });
      atEnd(kill);
    },
    kill,
  };
}
