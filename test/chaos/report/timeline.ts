// A picture of a run: answered and unanswered calls as time passes, and below them the faults.
import type { TopLevelSpec } from "vega-lite";
import { drawSvg } from "../../bench/plots/draw-plots.ts";
import { schema } from "../../bench/plots/plot.ts";
import { plotConfig } from "../../bench/plots/plot-style.ts";
import type { ChaosResult } from "../run-chaos.ts";

const width = 900;
const ratesHeight = 220;
const rowStep = 18;
const labelLimit = 400;
const colours = { answered: "#4338ca", unanswered: "#f97316", fault: "#dc2626" };
/** A fault that took a moment is still to be seen: 2 of the picture's pixels. */
const barMin = 2 / width;
/** So many steps has the line at most. */
const stepsMax = 240;

/** Draws it as SVG. */
export const drawTimeline = (result: ChaosResult): Promise<string> => drawSvg(timelineOf(result));

function timelineOf(result: ChaosResult): TopLevelSpec {
  const { calls, injected, faultNames, beganMs, endedMs, options, violations } = result;
  const secondOf = (timeMs: number) => (timeMs - beganMs) / 1_000;
  const lastSecond = Math.ceil(secondOf(endedMs));
  const stepSeconds = Math.ceil(lastSecond / stepsMax);
  const counts = Array.from({ length: Math.ceil(lastSecond / stepSeconds) }, () => ({ answered: 0, unanswered: 0 }));
  for (const { endedMs: at, result: answer } of calls) {
    const own = counts[Math.floor(secondOf(at) / stepSeconds)];
    if (own === undefined) continue;
    if (answer.kind === "order" || answer.kind === "unchanged") own.answered++;
    else if (answer.kind === "unknown" || (answer.kind === "problem" && answer.status >= 500)) own.unanswered++;
  }
  const rates = counts.flatMap(({ answered, unanswered }, step) => [
    { second: step * stepSeconds, what: "answered", count: answered / stepSeconds },
    { second: step * stepSeconds, what: "lost, or 5xx", count: unanswered / stepSeconds },
  ]);
  const bars = injected.map(({ name, beganMs: from, healedMs }) => {
    const second = secondOf(from);
    return { name, second, until: Math.max(secondOf(healedMs), second + barMin * lastSecond) };
  });
  const domain = [0, lastSecond];
  const x = { type: "quantitative", scale: { domain, nice: false } } as const;
  const found = violations.length === 0 ? "no violation" : `${violations.length} kinds of violations`;
  return {
    $schema: schema,
    title: {
      text: "Selling while everything fails",
      subtitle: `${options.backend} queues, seed ${options.seed}, ${options.rate} buyers a second: ${found}`,
    },
    config: plotConfig,
    spacing: 20,
    vconcat: [
      {
        width,
        height: ratesHeight,
        data: { values: rates },
        mark: { type: "line", strokeWidth: 2, interpolate: "step-after" },
        encoding: {
          x: { ...x, field: "second", title: null },
          y: { field: "count", type: "quantitative", title: "calls a second" },
          color: {
            field: "what",
            type: "nominal",
            title: null,
            scale: { domain: ["answered", "lost, or 5xx"], range: [colours.answered, colours.unanswered] },
            legend: { orient: "top" },
          },
        },
      },
      {
        width,
        height: { step: rowStep },
        data: { values: bars },
        mark: { type: "bar", color: colours.fault, height: { band: 0.6 } },
        encoding: {
          x: { ...x, field: "second", title: "seconds" },
          x2: { field: "until" },
          y: { field: "name", type: "nominal", title: null, sort: [...faultNames], axis: { labelLimit } },
        },
      },
    ],
  };
}
