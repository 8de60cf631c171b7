import { styleText } from "node:util";
import type { Machine } from "../machine/describe-machine.ts";
import { costTable, generatorTable, scenarioTables, targetTable } from "./result-tables.ts";
import type { Results } from "./results.ts";
import { renderMarkdown, renderText, type Table } from "./table.ts";

/** The whole report for a terminal, with colours. */
export function printReport(results: Results): string {
  const head = [styleText("bold", describe(results.machine)), ...describeRun(results)].join("\n");
  return ["", head, ...allTables(results).map(renderText), ""].join("\n\n");
}

/** The whole report as a Markdown page. */
export function markdownReport(results: Results): string {
  const begin = "# Benchmark: figures\n\nWritten by `npm run bench`; [how to read it](../benchmark.md).";
  const head = [describe(results.machine), ...describeRun(results)].map((line) => `- ${line}`).join("\n");
  return `${[begin, head, ...allTables(results).map(renderMarkdown)].join("\n\n")}\n`;
}

/** The targets come last: they are the conclusion, and the end is what a terminal shows. */
function allTables(results: Results): Table[] {
  return [
    ...scenarioTables(results),
    costTable(results.results),
    generatorTable(results),
    targetTable(results.targets),
  ];
}

export function describe({ cores, cpuModel, memoryGb, system, node, postgres, redis }: Machine): string {
  const versions = [`Node ${node}`, `PostgreSQL ${postgres}`, ...(redis === null ? [] : [`Redis ${redis}`])];
  return `${cores} cores of ${cpuModel}, ${memoryGb} GB, ${system}; ${versions.join(", ")}`;
}

function describeRun({ options, setup, durability, startedAt, loadAverageBefore, isComplete }: Results): string[] {
  const pools = Object.entries(setup.poolSizes).map(([name, size]) => `${name} ${size}`);
  const settings = Object.entries(durability).map(([name, value]) => `${name} = ${value}`);
  const { rounds, seconds, quick } = options;
  return [
    `${startedAt}, load average before: ${loadAverageBefore.toFixed(2)}`,
    `${rounds} interleaved rounds of ${seconds} s${quick ? " (quick)" : ""}, medians; ${settings.join(", ")}`,
    `hot row by ${setup.hotRowTool} over ${setup.hotRowConnections} connections; pool sizes: ${pools.join(", ")}`,
    `old orders: ${setup.oldOrderCount.toLocaleString("en")}; disturbed runs that were repeated: ${setup.repeatedRuns}`,
    ...(isComplete ? [] : ["stopped before the last round was complete"]),
  ];
}
