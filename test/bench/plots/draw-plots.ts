// Draws the plots as SVG, and from that as PNG, for where SVG is not shown. Nothing but npm packages is needed: the font
// of the PNGs comes with one, because a server may have none.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { Error as errorLevel, parse, View } from "vega";
import { compile } from "vega-lite";
import type { Results } from "../report/results.ts";
import { createPlots } from "./specs.ts";

/** A file to be written. */
export type Drawing = Readonly<{ name: string; content: string | Uint8Array }>;

const pngWidth = 1_800;

export async function drawPlots(results: Results): Promise<Drawing[]> {
  const drawings: Drawing[] = [];
  for (const { name, spec } of createPlots(results)) {
    const view = new View(parse(compile(spec).spec), { renderer: "none", logLevel: errorLevel });
    const svg = await view.toSVG();
    view.finalize();
    drawings.push({ name: `${name}.svg`, content: svg }, { name: `${name}.png`, content: toPng(svg) });
  }
  return drawings;
}

function toPng(svg: string): Uint8Array {
  const fonts = dirname(createRequire(import.meta.url).resolve("@expo-google-fonts/inter/package.json"));
  const fontFiles = ["400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"].map((file) =>
    join(fonts, file),
  );
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: "Inter" };
  return new Resvg(svg, { font, fitTo: { mode: "width", value: pngWidth } }).render().asPng();
}
