import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChaosResult } from "../run-chaos.ts";
import { printSummary } from "./print-summary.ts";
import type { Summary } from "./summary.ts";
import { drawTimeline } from "./timeline.ts";

/** Writes the report of a run as text, as JSON and as a picture; returns the files. */
export async function writeReport(result: ChaosResult, summary: Summary, folder: string): Promise<readonly string[]> {
  const contents = {
    "report.txt": `${printSummary(summary)}\n`,
    "report.json": `${JSON.stringify(summary, null, 2)}\n`,
    "timeline.svg": await drawTimeline(result),
  };
  return Object.entries(contents).map(([name, content]) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  });
}
