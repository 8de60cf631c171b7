import { contestantTitles, type Role } from "../names.ts";
import type { Result } from "../report/results.ts";
import { barStep, type MaybeSpec, namesOnTheLeft, plotWidth, schema } from "./plot.ts";
import { plotConfig, roleColours } from "./plot-style.ts";

const roles: readonly Role[] = ["gateway", "server", "worker", "postgres", "redis", "generator"];

/** The CPU time per order of each kind of process. */
export function cpuPlot(hot: readonly Result[], about: readonly string[]): MaybeSpec {
  const values = hot.flatMap(({ contestant, summary }) =>
    roles.flatMap((role, order) => {
      const ms = summary[`cpuMsPerOrder.${role}`]?.median;
      return ms === undefined ? [] : [{ who: contestantTitles[contestant], role, order, micros: ms * 1_000 }];
    }),
  );
  if (values.length === 0) return undefined;
  const present = roles.filter((role) => values.some((value) => value.role === role));
  const scale = { domain: present, range: present.map((role) => roleColours[role]) };
  return {
    $schema: schema,
    title: {
      text: "CPU time per order, one hot event",
      subtitle: [...about, "Of each process; the load generator runs on the same machine, pgbench is not counted"],
    },
    width: plotWidth,
    height: { step: barStep },
    config: plotConfig,
    data: { values },
    mark: { type: "bar", height: { band: 0.68 }, stroke: "#ffffff", strokeWidth: 1 },
    encoding: {
      y: namesOnTheLeft,
      x: { field: "micros", type: "quantitative", title: "microseconds", axis: { format: ",d", tickCount: 7 } },
      color: { field: "role", type: "nominal", scale, title: null },
      order: { field: "order", type: "quantitative" },
    },
  };
}
