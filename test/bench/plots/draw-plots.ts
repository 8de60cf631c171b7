// Draws the plots as SVG, and converts them to PNG for places that do not show SVG. The font of the PNGs comes with an
// npm package, because a server may have no fonts.
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { describe } from "../report/print-report.ts";
import type { Results } from "../report/results.ts";
import { connectionsPlot } from "./connections-plot.ts";
import { cpuPlot } from "./cpu-plot.ts";
import { latencyPlot } from "./latency-plot.ts";
import type { MaybeSpec } from "./plot.ts";
import { throughputPlot } from "./throughput-plot.ts";

/** A file of a plot. */
export type Drawing = Readonly<{ name: string; content: string | Uint8Array }>;

const pngWidth = 1_800;
/** The average width of Inter's characters, as a share of the font size. */
const characterWidth = 0.56;
const usualFontSize = 11;
const fontFiles = [
  import.meta.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  import.meta.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
].map((url) => fileURLToPath(url));

/** Draws the plots whose figures were measured. */
export async function drawPlots({ machine, options, results }: Results): Promise<Drawing[]> {
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
    const svg = await drawSvg(spec);
    drawings.push({ name: `${name}.svg`, content: svg }, { name: `${name}.png`, content: toPng(svg) });
  }
  return drawings;
}

/** Draws one plot as SVG. */
export async function drawSvg(spec: TopLevelSpec): Promise<string> {
  fitTextWidth();
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none", logLevel: vega.Error });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/**
 * Makes Vega's estimate of text widths fit Inter. Without a canvas Vega assumes 0.8 of the font size per character,
 * which is half as much again as Inter needs: it leaves a wide empty margin and cuts labels that would fit.
 */
function fitTextWidth(): void {
  // Vega's types lack it.
  const metrics: unknown = Reflect.get(vega, "textMetrics");
  if (typeof metrics !== "object" || metrics === null) throw new Error("this Vega has no textMetrics");
  Reflect.set(metrics, "width", (item: object, text: unknown) => {
    const size = Number(Reflect.get(item, "fontSize") ?? usualFontSize);
    return Math.round(characterWidth * String(text ?? Reflect.get(item, "text") ?? "").length * size);
  });
}

function toPng(svg: string): Uint8Array {
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: "Inter" };
  return new Resvg(svg, { font, fitTo: { mode: "width", value: pngWidth } }).render().asPng();
}
