// The figures that only one scenario has, and its table shows beside the usual ones.
import type { FigureName, ScenarioName } from "../names.ts";
import { formatCount, formatMs, formatRatio } from "./format.ts";

type Extra = readonly [title: string, name: FigureName, format: (value: number) => string];

/** Title, name and format of each further column of a scenario's table. */
export function extraFigures(scenario: ScenarioName): readonly Extra[] {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  if (scenario === "hot-event") return [["conflicts", "conflictShare", percent]];
  if (scenario === "sold-out") return [["sold to", "soldShare", percent]];
  if (scenario === "thousand-events") return [["one event/s", "baseline.decidedPerSecond", formatCount]];
  if (scenario === "old-orders") return [["none/s", "baseline.decidedPerSecond", formatCount]];
  if (scenario === "ruled-event") return [["plain/s", "baseline.decidedPerSecond", formatCount]];
  if (scenario === "open-crowd") {
    return [
      ["at best/s", "baseline.decidedPerSecond", formatCount],
      ["sent", "offeredShare", percent],
      ["refused", "conflictShare", percent],
      ["overloaded", "overloadedShare", percent],
      ["accepted p99 ms", "accepted.p99Ms", formatMs],
      ["gateway MB, 2nd ÷ 1st half", "memoryGrowth.gateway", formatRatio],
      ["worker", "memoryGrowth.worker", formatRatio],
      ["postgres", "memoryGrowth.postgres", formatRatio],
    ];
  }
  if (scenario === "hold-confirm") {
    return [
      ["plain/s", "baseline.decidedPerSecond", formatCount],
      ["only held/s", "hold.perSecond", formatCount],
      ["only confirmed/s", "confirm.perSecond", formatCount],
    ];
  }
  if (scenario === "cancel-storm") {
    return [
      ["alone/s", "baseline.decidedPerSecond", formatCount],
      ["only cancelled/s", "cancel.perSecond", formatCount],
      ["batch conflicts", "conflicts", formatCount],
    ];
  }
  if (scenario === "expiring-holds") {
    return [
      ["p99 ms, alone", "othersAlone.p99Ms", formatMs],
      ["seconds", "expirySeconds", formatRatio],
    ];
  }
  if (scenario !== "beside-hot-event") return [];
  return [
    ["others alone/s", "othersAlone.acceptedPerSecond", formatCount],
    ["p99 ms", "othersAlone.p99Ms", formatMs],
    ["others beside/s", "othersBeside.acceptedPerSecond", formatCount],
    ["p99 ms", "othersBeside.p99Ms", formatMs],
  ];
}
