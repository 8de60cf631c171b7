// PostgreSQL that crashes, stands still, throws its sessions out, takes no writes, is busy with others, or has no
// connection left.
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { until, untilTrue } from "../../support/until.ts";
import { draw, type FaultContext, type FaultKind } from "./fault.ts";

const group = "PostgreSQL";
const delaysHolds = true;
const downMinMs = 200;
const downMaxMs = 3_000;
const busyMinMs = 1_000;
const busyMaxMs = 4_000;
const frozenMaxMs = 9_000;
const recoveredWithinMs = 60_000;
const openAtOnce = 20;
const openWithinMs = 4_000;
const tooManyConnections = "53300";

/** The services' sessions; those of the run itself have another name. */
const ofServices = sql`datname = 'chaos' AND application_name LIKE 'onsale-%' AND application_name <> 'onsale-test'`;

const crash = (name: string, signal: "SIGQUIT" | "SIGKILL"): FaultKind => ({
  name,
  group,
  delaysHolds,
  inject: async (context) => {
    try {
      await context.stack.postgres.crash(signal);
      await delay(context.drawMs(downMinMs, downMaxMs));
    } finally {
      await context.stack.postgres.start();
      await untilAnswers(context);
    }
    return 1;
  },
});

/** All of its processes: connections stay, and nothing answers, not even to a new one. */
const frozen: FaultKind = {
  name: "PostgreSQL is frozen",
  group,
  delaysHolds,
  inject: async (context) => {
    const count = await context.stack.postgres.freeze(context.drawMs(busyMinMs, frozenMaxMs));
    await untilAnswers(context);
    return count;
  },
};

/** Waits until it takes statements again. */
export async function untilAnswers({ stack: { db } }: FaultContext): Promise<void> {
  await until("PostgreSQL answers", () => sql`SELECT 1`.execute(db), recoveredWithinMs);
}

/** One of its processes dies, so that it ends all others and recovers by itself, as after a fault of its memory. */
const backendIsKilled: FaultKind = {
  name: "a process of PostgreSQL is killed, and it recovers",
  group,
  delaysHolds,
  inject: async (context) => {
    const { rows } = await sql<{ pid: number }>`
      SELECT pid FROM pg_stat_activity WHERE ${ofServices}`.execute(context.stack.db);
    if (rows.length === 0) return 0;
    process.kill(draw(context.random, rows).pid, "SIGKILL");
    await untilAnswers(context);
    return 1;
  },
};

const sessionsAreEnded: FaultKind = {
  name: "sessions are ended by an administrator",
  group,
  delaysHolds,
  inject: async ({ stack: { db }, random }) => {
    const share = random();
    const { rows } = await sql<{ ended: boolean }>`
      SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
      WHERE ${ofServices} AND random() < ${share}::float8`.execute(db);
    return rows.filter(({ ended }) => ended).length;
  },
};

const readOnly: FaultKind = {
  name: "PostgreSQL takes no writes",
  group,
  delaysHolds,
  inject: async ({ stack: { db }, drawMs }) => {
    const set = async (value: "on" | "off") => {
      await sql`ALTER SYSTEM SET default_transaction_read_only = ${sql.raw(value)}`.execute(db);
      await sql`SELECT pg_reload_conf()`.execute(db);
    };
    try {
      await set("on");
      await delay(drawMs(busyMinMs, busyMaxMs));
      const { rows } = await sql<{ value: string }>`
        SELECT current_setting('transaction_read_only') AS value`.execute(db);
      return rows[0]?.value === "on" ? 1 : 0;
    } finally {
      await untilTrue("PostgreSQL takes writes again", () => set("off").then(() => true), recoveredWithinMs);
    }
  },
};

/** A transaction that keeps what vacuum would remove, and one that wants the table for itself, as a migration does. */
const tableIsLocked: FaultKind = {
  name: "a table is locked beside a long transaction",
  group,
  delaysHolds,
  inject: async ({ stack: { db }, drawMs, random }) =>
    db.transaction().execute(async (tx) => {
      const table = draw(random, ["orders", "inventory", "outbox", "holds"]);
      // Our sessions end by themselves when a transaction does nothing for 3 s.
      await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx);
      await sql`LOCK TABLE ${sql.table(table)} IN ACCESS EXCLUSIVE MODE`.execute(tx);
      await delay(drawMs(busyMinMs, busyMaxMs));
      const { rows } = await sql<{ count: number }>`
        SELECT count(*) FROM pg_stat_activity WHERE ${ofServices} AND wait_event_type = 'Lock'`.execute(tx);
      return rows[0]?.count ?? 0;
    }),
};

/** Others open connections until none is left, while some sessions of the services are ended and want new ones. */
const noConnectionIsLeft: FaultKind = {
  name: "PostgreSQL has no connection left",
  group,
  delaysHolds,
  inject: async (context) => {
    const { stack, drawMs } = context;
    const clients: pg.Client[] = [];
    const open = () => {
      const client = new pg.Client({ connectionString: stack.databaseUrl, connectionTimeoutMillis: openWithinMs });
      client.on("error", () => undefined);
      clients.push(client);
      return client.connect().then(() => false, isFullError);
    };
    try {
      let isFull = false;
      for (const endsAt = performance.now() + openWithinMs; !isFull && performance.now() < endsAt; ) {
        isFull = (await Promise.all(Array.from({ length: openAtOnce }, open))).some((isRefused) => isRefused);
      }
      if (!isFull) return 0;
      const ended = await sessionsAreEnded.inject(context);
      await delay(drawMs(busyMinMs, busyMaxMs));
      return ended + 1;
    } finally {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    }
  },
};

function isFullError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === tooManyConnections;
}

export const postgresFaults: readonly FaultKind[] = [
  crash("PostgreSQL is stopped immediately", "SIGQUIT"),
  crash("PostgreSQL is killed", "SIGKILL"),
  frozen,
  backendIsKilled,
  sessionsAreEnded,
  readOnly,
  tableIsLocked,
  noConnectionIsLeft,
];
