// The tables of a report: targets, scenarios, the cost of an order, and the load generator.
import { styleText } from "node:util";
import {
  type ContestantName,
  contestantTitles,
  type FigureName,
  roles,
  type ScenarioName,
  scenarioNames,
  scenarioTitles,
  type TransitionName,
  transitionNames,
} from "../names.ts";
import { extraFigures } from "./extra-figures.ts";
import { formatCount, formatMs, formatRatio, formatSpread } from "./format.ts";
import { findResult, type Result, type Results, type TargetResult } from "./results.ts";
import type { Table } from "./table.ts";

export function targetTable(targets: readonly TargetResult[]): Table {
  return {
    title: "Targets",
    head: ["ratio of this run", "measured", "target", "", "which"],
    rows: targets.map(({ name, comparison, target, unit, measured, reached, note }) => {
      const suffix = unit === "times" ? "" : ` ${unit}`;
      const format = (value: number) => `${formatRatio(value)}${suffix}`;
      const verdict =
        reached === null ? "not run" : reached ? styleText("green", "reached") : styleText("red", "missed");
      const limit = `${comparison} ${target}${suffix}`;
      return [name, formatSpread(measured ?? undefined, format), limit, verdict, note];
    }),
  };
}

/** One table per scenario that was run. */
export function scenarioTables({ results }: Results): Table[] {
  return scenarioNames.flatMap((scenario) => {
    const ofScenario = results.filter((result) => result.scenario === scenario);
    return ofScenario.length === 0 ? [] : [scenarioTable(scenario, ofScenario, results)];
  });
}

function scenarioTable(scenario: ScenarioName, ofScenario: readonly Result[], all: readonly Result[]): Table {
  const speed: FigureName = mainFigure(scenario);
  const ceiling = findResult(ofScenario, scenario, "ceiling") ?? findResult(all, "hot-event", "ceiling");
  const ceilingSpeed = ceiling?.summary.answersPerSecond?.median;
  const synchronous = bestSynchronous(all);
  return {
    title: scenarioTitles[scenario],
    head: [
      "",
      `${speedTitle(scenario)} (min..max)`,
      "÷ synchronous",
      "÷ ceiling",
      "answer p50",
      "p95",
      "p99 ms",
      "decision p50",
      "p95",
      "p99 ms",
      ...extraFigures(scenario).map(([title]) => title),
    ],
    rows: ofScenario.map(({ contestant, summary }) => {
      const perSecond = summary[speed]?.median;
      const ratioTo = (other: number | undefined) =>
        perSecond === undefined || other === undefined ? "–" : formatRatio(perSecond / other);
      const ms = (name: FigureName) => formatMs(summary[name]?.median);
      return [
        contestantTitles[contestant],
        formatSpread(summary[speed], formatCount),
        ratioTo(synchronous),
        ratioTo(ceilingSpeed),
        ms("accept.p50Ms"),
        ms("accept.p95Ms"),
        ms("accept.p99Ms"),
        ms("decision.p50Ms"),
        ms("decision.p95Ms"),
        ms("decision.p99Ms"),
        ...extraFigures(scenario).map(([, name, format]) => formatSpread(summary[name], format)),
      ];
    }),
  };
}

/** The figure that a scenario measures in the first place. */
export function mainFigure(scenario: ScenarioName): FigureName {
  return ["sold-out", "replays", "polls"].includes(scenario) ? "answersPerSecond" : "decidedPerSecond";
}

function speedTitle(scenario: ScenarioName): string {
  return mainFigure(scenario) === "answersPerSecond" ? "answers/s" : "decided/s";
}

/** Orders per second of the better synchronous design, with one hot event. */
export function bestSynchronous(results: readonly Result[]): number | undefined {
  const names: readonly ContestantName[] = ["synchronous-pessimistic", "synchronous-optimistic"];
  const speeds = names.flatMap((name) => {
    return findResult(results, "hot-event", name)?.summary.decidedPerSecond?.median ?? [];
  });
  return speeds.length === 0 ? undefined : Math.max(...speeds);
}

/** CPU time by process, memory and WAL, of every run, and of the transitions that it measured alone. */
export function costTable(results: readonly Result[]): Table {
  return {
    title: "What an order and a transition cost: CPU time in µs of each process, peak memory in MB, WAL",
    head: [
      "",
      ...roles,
      ...roles.filter((role) => role !== "generator").map((role) => `MB ${role}`),
      "WAL bytes",
      "foreign cores",
    ],
    rows: results.flatMap((result) => [orderCosts(result), ...transitionNames.flatMap(transitionCosts(result))]),
  };
}

function orderCosts({ scenario, contestant, summary }: Result): string[] {
  return [
    `${scenario}, ${contestant}`,
    ...roles.map((role) => optionalMicro(summary[`cpuMsPerOrder.${role}`]?.median)),
    ...roles.flatMap((role) => (role === "generator" ? [] : [optionalCount(summary[`peakMb.${role}`]?.median)])),
    optionalCount(summary.walBytesPerOrder?.median),
    summary.foreignCores === undefined ? "" : summary.foreignCores.median.toFixed(2),
  ];
}

/** A row of a transition, without memory; none when the run did not measure it. */
function transitionCosts({ scenario, contestant, summary }: Result) {
  return (transition: TransitionName): string[][] => {
    if (summary[`${transition}.walBytes`] === undefined) return [];
    const cpu = roles.map((role) => optionalMicro(summary[`${transition}.cpuMs.${role}`]?.median));
    const memory = roles.flatMap((role) => (role === "generator" ? [] : [""]));
    const wal = optionalCount(summary[`${transition}.walBytes`]?.median);
    return [[`${scenario}, ${contestant}: one ${transition}`, ...cpu, ...memory, wal, ""]];
  };
}

function optionalMicro(value: number | undefined): string {
  return value === undefined ? "" : Math.round(value * 1_000).toString();
}

function optionalCount(value: number | undefined): string {
  return value === undefined ? "" : formatCount(value);
}

/** Shows that the load generator is not the bottleneck. */
export function generatorTable({ results }: Results): Table {
  const echo = findResult(results, "generator", "echo")?.summary;
  const two = findResult(results, "generator", "ceiling")?.summary;
  const one = findResult(results, "hot-event", "ceiling")?.summary;
  const row = (what: string, summary: Result["summary"] | undefined) => [
    what,
    formatCount(summary?.answersPerSecond?.median),
    formatMs(summary?.["cpuCores.generator"]?.median),
    formatMs(summary?.["cpuCores.server"]?.median),
  ];
  return {
    title: "The load generator",
    head: ["", "answers/s", "cores, generator", "cores, server"],
    rows: [
      row("one process, a server that does nothing", echo),
      row("one process, the ceiling", one),
      row("two processes, the ceiling", two),
    ],
  };
}
