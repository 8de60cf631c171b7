import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import type { Point } from "../../console/messages/messages.ts";
import { formatCount, formatMilliseconds, formatRate } from "../format.ts";
import { isDark } from "../theme.ts";
import { Chart } from "./chart.ts";
import type { Line } from "./use-plot.ts";

/** The charts of the last five minutes, all of the same height. Redrawn once a second, with the next point. */
export function SaleCharts({ points }: { points: readonly Point[] }): ComponentChild {
  const dark = isDark();
  return useMemo(() => {
    const line = (label: string, colour: string, value: (point: Point) => number | null, isFilled = false): Line => {
      return { label, colour, values: points.map(value), isFilled };
    };
    const common = { times: points.map(({ atMs }) => atMs), empty: "No data yet" };
    const perSecond = [
      line("accepted", "series-1", (point) => point.acceptedPerSecond),
      line("decided", "series-2", (point) => point.decidedPerSecond, true),
    ];
    const latency = [
      line("p50", "series-2", (point) => point.p50),
      line("p95", "series-3", (point) => point.p95),
      line("p99", "series-4", (point) => point.p99),
    ];
    const pending = [line("pending", "series-1", (point) => point.pending, true)];
    const charts = [
      { ...common, title: "Orders a second", lines: perSecond, format: formatRate },
      { ...common, title: "Decision time", lines: latency, format: formatMilliseconds },
      { ...common, title: "Orders pending", lines: pending, format: formatCount },
    ];
    return h(
      "section",
      { class: "charts", "aria-label": "The last five minutes" },
      charts.map((chart) => h(Chart, { ...chart, key: chart.title })),
    );
  }, [points, dark]);
}
