import { loadHotRow } from "../contestants/hot-row.ts";
import { findHttpContestant } from "../contestants/http-contestants.ts";
import { readCpuTimes } from "../machine/process-figures.ts";
import { checkSoundness } from "../measure/check-soundness.ts";
import { withInstallation } from "../measure/installation.ts";
import type { Figures } from "../names.ts";
import { runHotEvent } from "./run-hot-event.ts";
import { onsaleNames, type Scenario, type ScenarioContext, stockForAll } from "./scenario.ts";

/** The headline: everybody wants the same ticket, and there is one for each. */
export const hotEvent: Scenario = {
  name: "hot-event",
  contestants: ["ceiling", "hot-row", "synchronous-pessimistic", "synchronous-optimistic", ...onsaleNames],
  loadCount: 1,
  run: (name, context) =>
    name === "hot-row" ? runHotRow(context, context.hotRow.connections, context.seconds) : runHotEvent(name, context),
};

/** The same without HTTP, for comparison; its latency is that of a statement. */
export function runHotRow(context: ScenarioContext, connections: number, seconds: number): Promise<Figures> {
  const { arena, hotRow } = context;
  // A database and an event are all it needs: the synchronous tables, and no server.
  const contestant = { ...findHttpContestant("synchronous-pessimistic"), start: async () => noServer };
  return withInstallation(arena, contestant, "empty", async (installation) => {
    const events = await installation.createEvents([0], stockForAll);
    const [event] = events;
    if (event === undefined) throw new Error("the event of the hot row was not created");
    await installation.pool.query("CHECKPOINT");
    const processes = arena.server.pid === undefined ? [] : [{ role: "postgres", pid: arena.server.pid } as const];
    const before = readCpuTimes(processes).get("postgres");
    await loadHotRow(hotRow.tool, installation.databaseUrl, event.id, connections, seconds);
    const after = readCpuTimes(processes).get("postgres");
    await checkSoundness(installation, events);
    const { rows } = await installation.pool.query(
      `SELECT count(*)::int AS orders, extract(epoch FROM max(created_at) - min(created_at))::float8 AS seconds
       FROM lean_orders`,
    );
    const perSecond = rows[0].orders / rows[0].seconds;
    return {
      ...{ requests: rows[0].orders, decided: rows[0].orders },
      ...{ acceptedPerSecond: perSecond, decidedPerSecond: perSecond, answersPerSecond: perSecond },
      ...(before === undefined || after === undefined
        ? {}
        : { "cpuMsPerOrder.postgres": (after - before) / rows[0].orders }),
    };
  });
}

const noServer = { port: 0, processes: [], stop: async () => undefined };
