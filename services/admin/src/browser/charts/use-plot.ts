// Draws a chart's lines, and knows which of their points is looked at: the last one, unless the pointer is at another or
// keys have chosen one.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { formatClock } from "../format.ts";
import { isDark, paletteColour } from "../theme.ts";

export type Line = Readonly<{
  label: string;
  /** Of the palette. */
  colour: string;
  values: readonly (number | null)[];
  isFilled?: boolean;
}>;

const height = 165;
const axisWidth = 56;
/** A quiet sale must not look like a busy one. */
const leastTop = 10;
/** By how many points a key moves. */
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 };

const solid = { name: "solid", dash: [] };
const styles = [solid, { name: "dashed", dash: [9, 5] }, { name: "dotted", dash: [2, 4] }];

/** How a chart's first, second or third line is drawn: they are told apart by more than their colours. */
export function styleOf(line: number): Readonly<{ name: string; dash: number[] }> {
  return styles[line % styles.length] ?? solid;
}

/** @returns where to draw, the point that is looked at (-1 when there is none), and what makes it another one */
export function usePlot(times: readonly number[], lines: readonly Line[], format: (value: number) => string) {
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

  const { handlers, follow } = useKeys(times, pointed, (index, time) => {
    const left = index === null || plot.current === null ? -10 : plot.current.valToPos(time / 1_000, "x");
    plot.current?.setCursor({ left, top: index === null ? -10 : 0 }, false);
    point(index);
  });
  useEffect(() => {
    plot.current?.setData(toData(times, lines));
    // The plot takes its new measures in a microtask, and the cursor's place follows from them.
    queueMicrotask(follow);
  }, [times, lines]);
  return { place, index: shownIndex(times, pointed), handlers };
}

function shownIndex(times: readonly number[], pointed: number | null): number {
  return pointed !== null && pointed < times.length ? pointed : times.length - 1;
}

/** @param show points at one of the times, or with null at none */
function useKeys(times: readonly number[], pointed: number | null, show: (index: number | null, time: number) => void) {
  /** The time that was chosen. */
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
    else if (step !== undefined) choose(shownIndex(times, pointed) + step);
    else return;
    event.preventDefault();
  };
  const handlers = {
    onKeyDown: press,
    // What is read out must not change every second under somebody who has come here by keyboard.
    onFocus: ({ currentTarget }: { currentTarget: HTMLElement }) => {
      if (currentTarget.matches(":focus-visible")) choose(times.length - 1);
    },
    onBlur: leave,
    onPointerMove: () => {
      chosen.current = null;
    },
  };
  /** Stays at the time that was chosen, though it is another point by now. */
  const follow = () => {
    const time = chosen.current;
    if (time !== null) choose(times.findIndex((one) => one >= time));
  };
  return { handlers, follow };
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
