import { loadHotRow } from "../../contestants/hot-row.ts";
import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { readCpuTimes, readMachineCpu, readOwnCpuMs } from "../../machine/process-figures.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import type { Figures } from "../../names.ts";
import { onsaleNames, type Scenario, type ScenarioContext, stockForAll } from "../scenario.ts";
import { runHotEvent } from "./run-hot-event.ts";

/** The main scenario: all buyers want the same event, and it has tickets for all. */
export const hotEvent: Scenario = {
  name: "hot-event",
  contestants: ["ceiling", "hot-row", "synchronous-pessimistic", "synchronous-optimistic", ...onsaleNames],
  loadCount: 1,
  run: (name, context) =>
    name === "hot-row" ? runHotRow(context, context.hotRow.connections, context.seconds) : runHotEvent(name, context),
};

/** Measures the hot row: the same sale by single statements, without HTTP. */
export function runHotRow(context: ScenarioContext, connections: number, seconds: number): Promise<Figures> {
  const { arena, hotRow } = context;
  // It needs only a database with the synchronous designs' tables, and no server.
  const contestant = { ...findHttpContestant("synchronous-pessimistic"), start: async () => noServer };
  return withInstallation(arena, contestant, "empty", async (installation) => {
    const events = await installation.createEvents([0], stockForAll);
    const [event] = events;
    if (event === undefined) throw new Error("the event of the hot row was not created");
    await installation.pool.query("CHECKPOINT");
    const costs = watchCosts(arena.server.pid);
    await loadHotRow(hotRow.tool, installation.databaseUrl, event.id, connections, seconds);
    const { postgresMs, foreignCores } = costs();
    await checkSoundness(installation, events);
    const { rows } = await installation.pool.query(
      `SELECT count(*)::int AS orders, extract(epoch FROM max(created_at) - min(created_at))::float8 AS seconds
       FROM lean_orders`,
    );
    const perSecond = rows[0].orders / rows[0].seconds;
    return {
      requests: rows[0].orders,
      decided: rows[0].orders,
      acceptedPerSecond: perSecond,
      decidedPerSecond: perSecond,
      answersPerSecond: perSecond,
      ...(postgresMs === undefined ? {} : { "cpuMsPerOrder.postgres": postgresMs / rows[0].orders }),
      ...(foreignCores === undefined ? {} : { foreignCores }),
    };
  });
}

const noServer = { port: 0, processes: [], stop: async () => undefined };

/** Measures the CPU time of PostgreSQL, and of programs that have no part in the benchmark, from now on. */
function watchCosts(postgresPid: number | undefined) {
  const processes = postgresPid === undefined ? [] : [{ role: "postgres", pid: postgresPid } as const];
  const read = () => ({
    at: performance.now(),
    postgres: readCpuTimes(processes).get("postgres"),
    // It includes pgbench, a child that has ended when this is read again.
    own: readOwnCpuMs(),
    machine: readMachineCpu()?.busyMs,
  });
  const before = read();
  return (): { postgresMs?: number; foreignCores?: number } => {
    const after = read();
    const since = (name: "postgres" | "own" | "machine") => (after[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
    const foreignMs = Math.max(0, since("machine") - since("own") - since("postgres"));
    if (Number.isNaN(foreignMs)) return {};
    return { postgresMs: since("postgres"), foreignCores: foreignMs / (after.at - before.at) };
  };
}
