// What each plot shows, as Vega-Lite.
import type { TopLevelSpec } from "vega-lite";
import { type ContestantName, contestantTitles, type FigureName, type Role, type ScenarioName } from "../names.ts";
import { formatCount, formatRatio } from "../report/format.ts";
import { describe } from "../report/print-report.ts";
import { bestSynchronous } from "../report/result-tables.ts";
import { findResult, type Result, type Results } from "../report/results.ts";
import { contestantColours, look, roleColours } from "./look.ts";

export type Plot = Readonly<{ name: string; spec: TopLevelSpec }>;

const schema = "https://vega.github.io/schema/vega-lite/v6.json";
const width = 620;
const bandHeight = 34;
const connectionScenarios: readonly (readonly [ScenarioName, number])[] = [
  ["connections-128", 128],
  ["hot-event", 256],
  ["connections-512", 512],
  ["connections-2000", 2_000],
];

/** The plots for which there are figures. */
export function createPlots(results: Results): Plot[] {
  const { machine, options } = results;
  const about = [
    describe(machine),
    `Medians of ${options.rounds} rounds of ${options.seconds} s; thin lines: min..max`,
  ];
  const hot = results.results.filter(({ scenario }) => scenario === "hot-event");
  const plots = [
    { name: "throughput", spec: throughput(hot, results.results, about) },
    { name: "latency", spec: latency(hot, about) },
    { name: "connections", spec: connections(results.results, about) },
    { name: "cpu", spec: cpu(hot, about) },
  ];
  return plots.flatMap(({ name, spec }) => (spec === undefined ? [] : [{ name, spec }]));
}

function throughput(
  hot: readonly Result[],
  all: readonly Result[],
  about: readonly string[],
): TopLevelSpec | undefined {
  const synchronous = bestSynchronous(all);
  const values = hot.flatMap(({ contestant, summary: { decidedPerSecond: speed } }) => {
    if (speed === undefined) return [];
    const ratio = synchronous === undefined ? "" : `  ·  ${formatRatio(speed.median / synchronous)} ×`;
    const label = `${formatCount(speed.median)}${ratio}`;
    return [{ who: contestantTitles[contestant], contestant, ...speed, label }];
  });
  if (values.length === 0) return undefined;
  const y = { field: "who", type: "nominal", sort: null, title: null } as const;
  return {
    $schema: schema,
    title: {
      text: "Orders decided per second, one hot event",
      subtitle: [...about, "×: times the best synchronous design"],
    },
    ...{ width, height: { step: bandHeight }, config: look, data: { values } },
    encoding: { y },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 4, height: { band: 0.68 } },
        encoding: {
          x: {
            field: "median",
            type: "quantitative",
            title: null,
            scale: { domainMax: 1.22 * highest(values) },
            axis: { format: "," },
          },
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

function highest(values: readonly Readonly<{ max: number }>[]): number {
  return Math.max(...values.map(({ max }) => max));
}

/** Each contestant in its colour; the axis names them already. */
function colourOf(contestants: readonly ContestantName[]) {
  const range = contestants.map((contestant) => contestantColours[contestant]);
  return { field: "contestant", type: "nominal", scale: { domain: [...contestants], range }, legend: null } as const;
}

function latency(hot: readonly Result[], about: readonly string[]): TopLevelSpec | undefined {
  const kinds: readonly (readonly [string, "accept" | "decision"])[] = [
    ["request to answer", "accept"],
    ["accepted to decided", "decision"],
  ];
  const values = hot.flatMap(({ contestant, summary }) =>
    kinds.flatMap(([kind, prefix]) => {
      const ms = (name: FigureName) => summary[name]?.median;
      const [p50, p95, p99] = [ms(`${prefix}.p50Ms`), ms(`${prefix}.p95Ms`), ms(`${prefix}.p99Ms`)];
      return p50 === undefined ? [] : [{ who: contestantTitles[contestant], contestant, kind, p50, p95, p99 }];
    }),
  );
  if (values.length === 0) return undefined;
  const logScale = { type: "log", nice: false } as const;
  const point = (field: string, size: number, filled: boolean) => ({
    mark: { type: "point", size, filled, opacity: 1, strokeWidth: 2 } as const,
    encoding: { x: { field, type: "quantitative" } as const },
  });
  const contestants = [...new Set(values.map(({ contestant }) => contestant))];
  return {
    $schema: schema,
    title: {
      text: "Latency under full load, one hot event",
      subtitle: [...about.slice(0, 1), "256 buyers at once; dot: median, ring: 95 %, end: 99 %; logarithmic"],
    },
    ...{ config: look, data: { values } },
    facet: {
      row: {
        field: "kind",
        type: "nominal",
        title: null,
        sort: null,
        header: {
          labelAngle: 0,
          labelAlign: "left",
          labelOrient: "top",
          labelAnchor: "start",
          labelFontSize: 13,
          labelFontWeight: 600,
          labelColor: "#1f2937",
        },
      },
    },
    spec: {
      ...{ width, height: { step: 26 } },
      encoding: {
        y: { field: "who", type: "nominal", sort: null, title: null },
        x: {
          type: "quantitative",
          scale: logScale,
          title: "milliseconds",
          axis: { format: "~g", values: latencyTicks },
        },
        color: colourOf(contestants),
      },
      layer: [
        {
          mark: { type: "rule", strokeWidth: 4, opacity: 0.35 },
          encoding: { x: { field: "p50", type: "quantitative" }, x2: { field: "p99" } },
        },
        point("p50", 90, true),
        point("p95", 60, false),
        { mark: { type: "tick", thickness: 3, size: 14 }, encoding: { x: { field: "p99", type: "quantitative" } } },
      ],
    },
    resolve: { scale: { y: "independent", x: "shared" } },
  };
}

const latencyTicks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

function connections(results: readonly Result[], about: readonly string[]): TopLevelSpec | undefined {
  const compared = ["ceiling", "onsale-postgres", "onsale-postgres-2x2", "synchronous-pessimistic"] as const;
  const values = compared.flatMap((contestant) =>
    connectionScenarios.flatMap(([scenario, count]) => {
      const speed = findResult(results, scenario, contestant)?.summary.decidedPerSecond;
      return speed === undefined ? [] : [{ who: contestantTitles[contestant], count, ...speed }];
    }),
  );
  if (new Set(values.map(({ count }) => count)).size < 2) return undefined;
  const scale = {
    domain: compared.map((contestant) => contestantTitles[contestant]),
    range: compared.map((contestant) => contestantColours[contestant]),
  };
  return {
    $schema: schema,
    title: { text: "Orders decided per second, by buyers at once", subtitle: [...about, "Both axes are logarithmic"] },
    ...{ width, height: 300, config: look, data: { values } },
    encoding: {
      x: {
        field: "count",
        type: "quantitative",
        title: "connections",
        scale: { type: "log", nice: false, padding: 12 },
        axis: { values: connectionScenarios.map(([, count]) => count), format: ",", grid: false },
      },
      color: { field: "who", type: "nominal", scale, title: null, legend: { columns: 2 } },
    },
    layer: [
      {
        mark: { type: "rule", opacity: 0.5 },
        encoding: {
          y: {
            field: "min",
            type: "quantitative",
            scale: { type: "log" },
            title: null,
            axis: { values: speedTicks, format: "," },
          },
          y2: { field: "max" },
        },
      },
      {
        mark: { type: "line", strokeWidth: 2.5, point: { size: 70, filled: true } },
        encoding: { y: { field: "median", type: "quantitative" } },
      },
    ],
  };
}

const speedTicks = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

function cpu(hot: readonly Result[], about: readonly string[]): TopLevelSpec | undefined {
  const roles: readonly Role[] = ["gateway", "server", "worker", "postgres", "redis", "generator"];
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
      subtitle: [...about.slice(0, 1), "Microseconds of each process; the load generator runs on the same machine"],
    },
    ...{ width, height: { step: bandHeight }, config: look, data: { values } },
    mark: { type: "bar", height: { band: 0.68 }, stroke: "#ffffff", strokeWidth: 1 },
    encoding: {
      y: { field: "who", type: "nominal", sort: null, title: null },
      x: { field: "micros", type: "quantitative", title: "microseconds", axis: { format: "," } },
      color: { field: "role", type: "nominal", scale, title: null },
      order: { field: "order", type: "quantitative" },
    },
  };
}
