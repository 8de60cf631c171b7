// Constants and encodings that all plots share.
import type { TopLevelSpec } from "vega-lite";
import type { ContestantName } from "../names.ts";
import { contestantColours } from "./plot-style.ts";

/** Undefined when the plot's figures were not measured. */
export type MaybeSpec = TopLevelSpec | undefined;

export const schema = "https://vega.github.io/schema/vega-lite/v6.json";
export const plotWidth = 600;
export const barStep = 34;

/** Names on the left, in the order given. */
export const namesOnTheLeft = { field: "who", type: "nominal", sort: null, title: null } as const;

/** Each contestant in its colour, without a legend, because the axis names the contestants. */
export function colourOf(contestants: readonly ContestantName[]) {
  const range = contestants.map((contestant) => contestantColours[contestant]);
  return { field: "contestant", type: "nominal", scale: { domain: [...contestants], range }, legend: null } as const;
}

/** Ticks of a logarithmic axis: those between the values, and one below and above. */
export function logTicks(values: readonly number[]): number[] {
  const ticks = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);
  const low = ticks.findLast((tick) => tick <= Math.min(...values)) ?? 1;
  const high = ticks.find((tick) => tick >= Math.max(...values)) ?? 1_000_000;
  return ticks.filter((tick) => tick >= low && tick <= high);
}
