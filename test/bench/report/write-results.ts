// Writes the results: JSON, the page of figures, and the plots.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Options } from "../options.ts";
import { drawPlots } from "../plots/draw-plots.ts";
import { markdownReport } from "./print-report.ts";
import type { Results } from "./results.ts";

const projectFolder = join(import.meta.dirname, "..", "..", "..");

/** @returns the paths of the files */
export async function writeResults(results: Results, options: Options): Promise<string[]> {
  const { jsonFolder, pageFolder } = foldersFor(options, results.isComplete);
  const plots = await drawPlots(results);
  const files: [string, string | Uint8Array][] = [
    [join(jsonFolder, "results.json"), renderJson(results)],
    [join(pageFolder, "figures.md"), markdownReport(results)],
    ...plots.map(({ name, content }): [string, string | Uint8Array] => [join(pageFolder, name), content]),
  ];
  for (const folder of [jsonFolder, pageFolder]) await mkdir(folder, { recursive: true });
  for (const [file, content] of files) await writeFile(file, content);
  return files.map(([file]) => file);
}

/** A partial run must not replace the figures of a full one. */
function foldersFor({ output, isQuick, scenarios, contestants }: Options, isComplete: boolean) {
  if (output !== undefined) return { jsonFolder: output, pageFolder: output };
  const isFull = isComplete && !isQuick && scenarios === undefined && contestants === undefined;
  const partial = join(projectFolder, "bench", "partial");
  if (!isFull) return { jsonFolder: partial, pageFolder: partial };
  return { jsonFolder: join(projectFolder, "bench"), pageFolder: join(projectFolder, "docs", "benchmark") };
}

/** Indented JSON, with each median and its limits on one line. */
function renderJson(results: Results): string {
  const text = JSON.stringify(results, roundNumbers, 2);
  return `${text.replace(/\{\s+("median": [^,]+),\s+("min": [^,]+),\s+("max": \S+)\s+\}/g, "{ $1, $2, $3 }")}\n`;
}

/** Six digits: more than are measured would only make diffs hard to read. */
function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}
