import { contestantTitles, type FigureName } from "../names.ts";
import type { Result } from "../report/results.ts";
import { colourOf, logTicks, type MaybeSpec, namesOnTheLeft, plotWidth, schema } from "./plot.ts";
import { plotConfig } from "./plot-style.ts";

const rowStep = 28;

/** The time from a request to its answer, and from there to the decision. */
export function latencyPlot(hot: readonly Result[], about: readonly string[]): MaybeSpec {
  const answers = readValues(hot, "accept");
  const decisions = readValues(hot, "decision");
  const all = [...answers, ...decisions];
  if (all.length === 0) return undefined;
  const ticks = logTicks(all.flatMap(({ p50, p99 }) => [p50, p99]));
  const colour = colourOf([...new Set(all.map(({ contestant }) => contestant))]);
  const subtitle = [...about, "256 buyers at once; dot: median, ring: 95 %, end: 99 %; logarithmic"];
  return {
    $schema: schema,
    title: { text: "Latency under full load, one hot event", subtitle },
    config: plotConfig,
    spacing: 26,
    vconcat: [
      panel("from the request to its answer", answers, ticks, colour),
      ...(decisions.length === 0 ? [] : [panel("from accepted to decided", decisions, ticks, colour)]),
    ],
  };
}

function readValues(hot: readonly Result[], prefix: "accept" | "decision") {
  return hot.flatMap(({ contestant, summary }) => {
    const ms = (name: FigureName) => summary[name]?.median;
    const p50 = ms(`${prefix}.p50Ms`);
    const p95 = ms(`${prefix}.p95Ms`);
    const p99 = ms(`${prefix}.p99Ms`);
    if (p50 === undefined || p95 === undefined || p99 === undefined) return [];
    return [{ who: contestantTitles[contestant], contestant, p50, p95, p99 }];
  });
}

function panel(
  title: string,
  values: ReturnType<typeof readValues>,
  ticks: number[],
  color: ReturnType<typeof colourOf>,
) {
  const domain = [ticks[0] ?? 1, ticks.at(-1) ?? 1_000];
  const x = {
    type: "quantitative",
    scale: { type: "log", nice: false, domain },
    title: "milliseconds",
    axis: { format: ",d", values: ticks },
  } as const;
  return {
    title: { text: title, fontSize: 13, offset: 8, anchor: "start", frame: "bounds" } as const,
    width: plotWidth,
    height: { step: rowStep },
    data: { values },
    encoding: { y: namesOnTheLeft, color },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 4, opacity: 0.35 } as const,
        encoding: { x: { ...x, field: "p50" }, x2: { field: "p99" } },
      },
      {
        mark: { type: "point", size: 90, filled: true, opacity: 1 } as const,
        encoding: { x: { ...x, field: "p50" } },
      },
      {
        mark: { type: "point", size: 60, filled: false, opacity: 1, strokeWidth: 2 } as const,
        encoding: { x: { ...x, field: "p95" } },
      },
      {
        mark: { type: "tick", thickness: 3, size: 14 } as const,
        encoding: { x: { ...x, field: "p99" } },
      },
    ],
  };
}
