import { type ComponentChild, h } from "preact";
import { formatClock } from "../format.ts";
import { type Line, styleOf, usePlot } from "./use-plot.ts";

type ChartProps = Readonly<{
  title: string;
  times: readonly number[];
  lines: readonly Line[];
  format: (value: number) => string;
  /** The text when there are no points yet. */
  empty: string;
  /** How a time is written; without the date if it is missing. */
  formatAt?: (time: number) => string;
}>;

/**
 * A line chart over time. The legend shows the time and the values of the selected point: of the one under the pointer,
 * or of one chosen with keys; otherwise the whole time and the latest values. A chosen point stays selected while
 * further points arrive.
 */
export function Chart({ title, times, lines, format, empty, formatAt = formatClock }: ChartProps): ComponentChild {
  const { container, index, isChosen, handlers } = usePlot(times, lines, { format, formatAt });
  const time = times[index];
  const values = lines.map(({ label, values: all }) => ({ label, value: all[index] ?? null }));
  const summary = values.map(({ label, value }) => `${label} ${value === null ? "none" : format(value)}`);
  return h(
    "figure",
    { class: "card chart" },
    h(
      "figcaption",
      null,
      h("h2", null, title),
      h(
        "span",
        { class: "range quiet small" },
        time === undefined ? empty : isChosen ? formatAt(time) : rangeOf(times, formatAt),
      ),
      h(Legend, { lines, index, format }),
    ),
    h("div", {
      ref: container,
      role: "slider",
      tabIndex: 0,
      "aria-label": `${title}, by time`,
      "aria-valuemin": 0,
      "aria-valuemax": Math.max(0, times.length - 1),
      "aria-valuenow": Math.max(0, index),
      "aria-valuetext": time === undefined ? empty : `${formatAt(time)}: ${summary.join(", ")}`,
      ...handlers,
    }),
  );
}

function Legend({ lines, index, format }: Pick<ChartProps, "lines" | "format"> & { index: number }): ComponentChild {
  const keys = lines.map(({ label, colour, values }, line) => {
    const value = values[index] ?? null;
    return h(
      "span",
      { class: "key", key: label },
      h("i", { class: `swatch ${colour} ${styleOf(line).name}`, "aria-hidden": "true" }),
      `${label} `,
      h("b", null, value === null ? "–" : format(value)),
    );
  });
  return h("span", { class: "legend" }, keys);
}

function rangeOf(times: readonly number[], formatAt: (time: number) => string): string {
  const ends = [times[0], times.at(-1)].map((time) => (time === undefined ? "" : formatAt(time)));
  return ends.join(" – ");
}
