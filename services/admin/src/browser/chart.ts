import { type ComponentChild, h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { formatClock } from "./format.ts";
import { isDark, paletteColour } from "./theme.ts";

export type Line = Readonly<{
  label: string;
  /** Of the palette. */
  colour: string;
  values: readonly (number | null)[];
  isFilled?: boolean;
}>;

type ChartProps = Readonly<{
  title: string;
  times: readonly number[];
  lines: readonly Line[];
  format: (value: number) => string;
  /** Said when there is nothing to draw yet. */
  empty: string;
}>;

const height = 165;
const axisWidth = 56;
/** A quiet sale must not look like a busy one. */
const leastTop = 10;

/** Lines over the last minutes, with what they stand at; under the pointer, with what they stood at there. */
export function Chart({ title, times, lines, format, empty }: ChartProps): ComponentChild {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [pointed, point] = useState<number | null>(null);
  const dark = isDark();
  const names = lines.map(({ label }) => label).join();

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new uPlot(options(lines, format, element.clientWidth, point), toData(times, lines), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // Only a change of its looks makes it anew; data are set below.
  }, [dark, names]);

  useEffect(() => plot.current?.setData(toData(times, lines)), [times, lines]);

  const at = pointed !== null && pointed < times.length ? pointed : times.length - 1;
  const values = lines.map(({ values: all }) => all[at] ?? null);
  const legend = lines.map(({ label, colour }, index) => {
    const value = values[index] ?? null;
    return h(
      "span",
      { class: "key", key: label },
      h("i", { class: `swatch ${colour}`, "aria-hidden": "true" }),
      `${label} `,
      h("b", null, value === null ? "–" : format(value)),
    );
  });
  const time = times[at];
  const summary = lines.map(
    ({ label }, index) => `${label} ${values[index] === null ? "none" : format(values[index] ?? 0)}`,
  );
  return h(
    "figure",
    { class: "card chart" },
    h("figcaption", null, h("h2", null, title), h("span", { class: "legend" }, legend)),
    h("div", { ref: place, role: "img", "aria-label": `${title}, last five minutes. ${summary.join(", ")}.` }),
    h("p", { class: "quiet small" }, time === undefined ? empty : formatClock(time)),
  );
}

function toData(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times.map((time) => time / 1_000), ...lines.map(({ values }) => [...values])];
}

function options(
  lines: readonly Line[],
  format: (value: number) => string,
  width: number,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const axis = {
    stroke: paletteColour("quiet"),
    grid: { stroke: paletteColour("border"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const series = lines.map(({ label, colour, isFilled }) => ({
    label,
    stroke: paletteColour(colour),
    width: 2,
    ...(isFilled === true ? { fill: paletteColour(colour, 0.14) } : {}),
    points: { show: false },
  }));
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(leastTop, max * 1.1)] } },
    axes: [
      { ...axis, size: 28, space: 90, values: (_plot, ticks) => ticks.map((tick) => formatClock(tick * 1_000)) },
      { ...axis, size: axisWidth, space: 34, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [{}, ...series],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}
