import { contestantTitles, type ScenarioName } from "../names.ts";
import { findResult, type Result } from "../report/results.ts";
import { logTicks, type MaybeSpec, plotWidth, schema } from "./plot.ts";
import { contestantColours, plotConfig } from "./plot-style.ts";

const plotHeight = 300;
const points: readonly (readonly [ScenarioName, number])[] = [
  ["connections-128", 128],
  ["hot-event", 256],
  ["connections-512", 512],
  ["connections-2000", 2_000],
];
const compared = ["ceiling", "onsale-postgres", "onsale-postgres-2x2", "synchronous-pessimistic"] as const;

/** Orders per second against the number of simultaneous buyers. */
export function connectionsPlot(results: readonly Result[], about: readonly string[]): MaybeSpec {
  const values = compared.flatMap((contestant) =>
    points.flatMap(([scenario, count]) => {
      const speed = findResult(results, scenario, contestant)?.summary.decidedPerSecond;
      return speed === undefined ? [] : [{ who: contestantTitles[contestant], count, ...speed }];
    }),
  );
  if (new Set(values.map(({ count }) => count)).size < 2) return undefined;
  const ticks = logTicks(values.flatMap(({ min, max }) => [min, max]));
  const scale = {
    domain: compared.map((contestant) => contestantTitles[contestant]),
    range: compared.map((contestant) => contestantColours[contestant]),
  };
  const counts = points.map(([, count]) => count);
  const domain = [ticks[0] ?? 1, ticks.at(-1) ?? 1];
  const y = {
    type: "quantitative",
    scale: { type: "log", nice: false, domain },
    title: null,
    axis: { values: ticks, format: ",d" },
  } as const;
  return {
    $schema: schema,
    title: { text: "Orders decided per second, by buyers at once", subtitle: [...about, "Both axes are logarithmic"] },
    width: plotWidth,
    height: plotHeight,
    config: plotConfig,
    data: { values },
    encoding: {
      x: {
        field: "count",
        type: "quantitative",
        title: "connections",
        scale: { type: "log", nice: false, padding: 12 },
        axis: { values: counts, format: ",d", grid: false },
      },
      color: { field: "who", type: "nominal", scale, title: null, legend: { columns: 2 } },
    },
    layer: [
      { mark: { type: "rule", opacity: 0.5 }, encoding: { y: { ...y, field: "min" }, y2: { field: "max" } } },
      {
        mark: { type: "line", strokeWidth: 2.5, point: { size: 70, filled: true } },
        encoding: { y: { ...y, field: "median" } },
      },
    ],
  };
}
