// Draws a chart's lines with uPlot, and keeps which point is selected: the last one, unless the pointer is at another
// or the user has chosen one with keys.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { isDark, paletteColour } from "../theme.ts";

export type Line = Readonly<{
  label: string;
  /** A name in palette.css. */
  colour: string;
  values: readonly (number | null)[];
  isFilled?: boolean;
}>;

/** How values and times are written. */
type Formats = Readonly<{ format: (value: number) => string; formatAt: (time: number) => string }>;

const height = 180;
const axisWidthMax = 60;
/** Half of the label of a time, which is written at the left edge of the curve. */
const axisWidthMin = 30;
/** Between a label and the curve. */
const axisGap = 12;
/** Top, right, bottom, left: the curve ends where the card's text ends, below the height of half a label. */
const padding = [8, 4, 0, 0] satisfies uPlot.Padding;
/** Of the labels' font, as wide as its digits are. */
const letterWidth = 7;
/** The scale reaches at least this value, so that a quiet sale does not look like a busy one. */
const scaleTopMin = 10;
/** By how many points a key moves. */
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 };

const solid = { name: "solid", dash: [] };
const styles = [solid, { name: "dashed", dash: [9, 5] }, { name: "dotted", dash: [2, 4] }];

/** The dashes of a chart's first, second and third line, so that they differ not only by colour. */
export function styleOf(line: number): Readonly<{ name: string; dash: number[] }> {
  return styles[line % styles.length] ?? solid;
}

/**
 * @returns the ref of the element to draw in, the index of the selected point (-1 without points), whether somebody
 *   selected it, and the handlers
 */
export function usePlot(times: readonly number[], lines: readonly Line[], { format, formatAt }: Formats) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [selected, select] = useState<number | null>(null);
  const dark = isDark();
  const names = lines.map(({ label }) => label).join();

  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const made = new uPlot(
      options(lines, { format, formatAt }, element.clientWidth, select),
      toData(times, lines),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // Only other colours, lines or formats need a new plot; data are set below.
  }, [dark, names, formatAt]);

  const { handlers, follow } = useKeys(times, selected, (index, time) => {
    const left = index === null || plot.current === null ? -10 : plot.current.valToPos(time / 1_000, "x");
    plot.current?.setCursor({ left, top: index === null ? -10 : 0 }, false);
    select(index);
  });
  useEffect(() => {
    plot.current?.setData(toData(times, lines));
    // uPlot applies the new scales in a microtask, and the position of the cursor depends on them.
    queueMicrotask(follow);
  }, [times, lines]);
  const isChosen = selected !== null && selected < times.length;
  return { container, index: selectedIndex(times, selected), isChosen, handlers };
}

function selectedIndex(times: readonly number[], selected: number | null): number {
  return selected !== null && selected < times.length ? selected : times.length - 1;
}

/** @param show moves the cursor to a point; null hides it */
function useKeys(
  times: readonly number[],
  selected: number | null,
  show: (index: number | null, time: number) => void,
) {
  /** The time of the chosen point. */
  const chosen = useRef<number | null>(null);
  const choose = (index: number) => {
    const within = Math.max(0, Math.min(index, times.length - 1));
    const time = times[within];
    if (time === undefined) return;
    chosen.current = time;
    show(within, time);
  };
  const leave = () => {
    chosen.current = null;
    show(null, 0);
  };
  const press = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (event.key === "Escape") leave();
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(times.length - 1);
    else if (step !== undefined) choose(selectedIndex(times, selected) + step);
    else return;
    event.preventDefault();
  };
  const handlers = {
    onKeyDown: press,
    // A screen reader must not read a new value every second once the user has reached the chart by keyboard.
    onFocus: ({ currentTarget }: { currentTarget: HTMLElement }) => {
      if (currentTarget.matches(":focus-visible")) choose(times.length - 1);
    },
    onBlur: leave,
    onSelecterMove: () => {
      chosen.current = null;
    },
  };
  /** Selects the point of the chosen time again, after its index has changed. */
  const follow = () => {
    const time = chosen.current;
    if (time !== null) choose(times.findIndex((one) => one >= time));
  };
  return { handlers, follow };
}

function toData(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times.map((time) => time / 1_000), ...lines.map(({ values }) => [...values])];
}

/** The times of ticks; nothing where the text would be cut off at the edge of the plot, or repeat the one before. */
function labelTimes(plot: uPlot, ticks: readonly number[], formatAt: (time: number) => string): string[] {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  const [, right] = padding;
  const curveWidth = plot.width - axisWidthMax - right;
  const labels = ticks.map((tick) => formatAt(tick * 1_000));
  return ticks.map((tick, index) => {
    const label = labels[index] ?? "";
    const toEdge = (curveWidth * (max - tick)) / (max - min) + right;
    return label === labels[index - 1] || toEdge < (label.length * letterWidth) / 2 ? "" : label;
  });
}

/** As wide as the longest label needs it; uPlot has no labels before the first points. */
function axisWidth(_plot: uPlot, labels: readonly string[] | null): number {
  const length = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(axisWidthMin, Math.min(axisWidthMax, length * letterWidth + axisGap));
}

function options(
  lines: readonly Line[],
  { format, formatAt }: Formats,
  width: number,
  onSelect: (index: number | null) => void,
): uPlot.Options {
  const axis = {
    stroke: paletteColour("quiet"),
    grid: { stroke: paletteColour("border"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const series = lines.map(({ label, colour, isFilled }, line) => ({
    label,
    stroke: paletteColour(colour),
    width: 2,
    dash: styleOf(line).dash,
    ...(isFilled === true ? { fill: paletteColour(colour, 0.14) } : {}),
    points: { show: false },
  }));
  return {
    width,
    height,
    padding,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(scaleTopMin, max * 1.1)] } },
    axes: [
      { ...axis, size: 23, gap: 8, space: 100, values: (plot, ticks) => labelTimes(plot, ticks, formatAt) },
      { ...axis, size: axisWidth, space: 48, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [{}, ...series],
    hooks: { setCursor: [(plot) => onSelect(plot.cursor.idx ?? null)] },
  };
}
