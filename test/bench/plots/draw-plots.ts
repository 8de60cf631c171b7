// Draws the plots as SVG, and from that as PNG, for where SVG is not shown. Nothing but npm packages is needed: the font
// of the PNGs comes with one, because a server may have none.
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import { Error as errorLevel, parse, View } from "vega";
import { compile } from "vega-lite";
import { describe } from "../report/print-report.ts";
import type { Results } from "../report/results.ts";
import { connectionsPlot } from "./connections-plot.ts";
import { cpuPlot } from "./cpu-plot.ts";
import { latencyPlot } from "./latency-plot.ts";
import type { MaybeSpec } from "./plot.ts";
import { fitTextWidth } from "./text-width.ts";
import { throughputPlot } from "./throughput-plot.ts";

/** A file to be written. */
export type Drawing = Readonly<{ name: string; content: string | Uint8Array }>;

const pngWidth = 1_800;
const fontFiles = [
  import.meta.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  import.meta.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
].map((url) => fileURLToPath(url));

/** The plots for which there are figures. */
export async function drawPlots({ machine, options, results }: Results): Promise<Drawing[]> {
  fitTextWidth();
  const rounds = `Medians of ${options.rounds} rounds of ${options.seconds} s; thin lines: lowest to highest`;
  const hot = results.filter(({ scenario }) => scenario === "hot-event");
  const specs: Readonly<Record<string, MaybeSpec>> = {
    throughput: throughputPlot(hot, [describe(machine), rounds]),
    latency: latencyPlot(hot, [describe(machine)]),
    connections: connectionsPlot(results, [describe(machine), rounds]),
    cpu: cpuPlot(hot, [describe(machine)]),
  };
  const drawings: Drawing[] = [];
  for (const [name, spec] of Object.entries(specs)) {
    if (spec === undefined) continue;
    const view = new View(parse(compile(spec).spec), { renderer: "none", logLevel: errorLevel });
    const svg = await view.toSVG();
    view.finalize();
    drawings.push({ name: `${name}.svg`, content: svg }, { name: `${name}.png`, content: toPng(svg) });
  }
  return drawings;
}

function toPng(svg: string): Uint8Array {
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: "Inter" };
  return new Resvg(svg, { font, fitTo: { mode: "width", value: pngWidth } }).render().asPng();
}
