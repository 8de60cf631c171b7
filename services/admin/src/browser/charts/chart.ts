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
}>;

/**
 * A line chart over time. The legend shows the values of the selected point: of the one under the pointer, of one
 * chosen with keys, otherwise of the latest. A chosen point stays selected while further points arrive.
 */
export function Chart({ title, times, lines, format, empty }: ChartProps): ComponentChild {
  const { container, index, handlers } = usePlot(times, lines, format);
  const time = times[index];
  const values = lines.map(({ label, values: all }) => ({ label, value: all[index] ?? null }));
  const summary = values.map(({ label, value }) => `${label} ${value === null ? "none" : format(value)}`);
  return h(
    "figure",
    { class: "card chart" },
    h("figcaption", null, h("h2", null, title), h(Legend, { lines, index, format })),
    h("div", {
      ref: container,
      role: "slider",
      tabIndex: 0,
      "aria-label": `${title}, by time`,
      "aria-valuemin": 0,
      "aria-valuemax": Math.max(0, times.length - 1),
      "aria-valuenow": Math.max(0, index),
      "aria-valuetext": time === undefined ? empty : `${formatClock(time)}: ${summary.join(", ")}`,
      ...handlers,
    }),
    h("p", { class: "quiet small" }, time === undefined ? empty : formatClock(time)),
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
