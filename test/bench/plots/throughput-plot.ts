import { contestantTitles } from "../names.ts";
import { formatCount, formatRatio } from "../report/format.ts";
import { bestSynchronous } from "../report/result-tables.ts";
import type { Result } from "../report/results.ts";
import { barStep, colourOf, type MaybeSpec, namesOnTheLeft, plotWidth, schema } from "./plot.ts";
import { plotConfig } from "./plot-style.ts";

/** Orders per second of each contestant. The axis is linear, because bar lengths mislead on a logarithmic one. */
export function throughputPlot(hot: readonly Result[], about: readonly string[]): MaybeSpec {
  const synchronous = bestSynchronous(hot);
  const values = hot.flatMap(({ contestant, summary: { decidedPerSecond: speed } }) => {
    if (speed === undefined) return [];
    const ratio = synchronous === undefined ? "" : `  ·  ${formatRatio(speed.median / synchronous)} ×`;
    const label = `${formatCount(speed.median)}${ratio}`;
    return [{ who: contestantTitles[contestant], contestant, ...speed, label }];
  });
  if (values.length === 0) return undefined;
  const domainMax = 1.2 * Math.max(...values.map(({ max }) => max));
  const speedAxis = { format: ",d", tickCount: 6 } as const;
  return {
    $schema: schema,
    title: {
      text: "Orders decided per second, one hot event",
      subtitle: [...about, "×: times the better synchronous design"],
    },
    width: plotWidth,
    height: { step: barStep },
    config: plotConfig,
    data: { values },
    encoding: { y: namesOnTheLeft },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 4, height: { band: 0.68 } },
        encoding: {
          x: { field: "median", type: "quantitative", title: null, scale: { domainMax, nice: false }, axis: speedAxis },
          color: colourOf(values.map(({ contestant }) => contestant)),
        },
      },
      {
        mark: { type: "rule", color: "#111827", opacity: 0.55, strokeWidth: 1.5 },
        encoding: { x: { field: "min", type: "quantitative" }, x2: { field: "max" } },
      },
      {
        mark: { type: "text", align: "left", dx: 8, fontWeight: 600 },
        encoding: { x: { field: "max", type: "quantitative" }, text: { field: "label", type: "nominal" } },
      },
    ],
  };
}
