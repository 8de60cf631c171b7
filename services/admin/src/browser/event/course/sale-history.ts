// The charts of an event's sale from its beginning: of all ticket types together, of one, or of those of a pool.
import { type ComponentChild, h } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { SaleHistory } from "../../../console/messages/event-messages.ts";
import type { EventLine } from "../../../console/messages/messages.ts";
import { Chart } from "../../charts/chart.ts";
import { formatClock, formatCount, formatDayClock, formatRate } from "../../format.ts";
import { Failure } from "../../parts/notes.ts";
import { sumStock } from "../../parts/stock.ts";
import { isDark } from "../../theme.ts";
import { linesOf } from "./history-lines.ts";

const dayMs = 24 * 3_600_000;
const secondsPerMinute = 60;

type SaleHistoryProps = Readonly<{ line: EventLine; history: SaleHistory | undefined; failure: string | undefined }>;

export function SaleHistoryCharts({ line, history, failure }: SaleHistoryProps): ComponentChild {
  const [chosen, choose] = useState("all");
  const part = partsOf(line).find(({ key }) => key === chosen) ?? wholeOf(line);
  return h(
    "section",
    { class: "history", "aria-label": "The sale from its beginning" },
    h(
      "div",
      { class: "heading" },
      h("h2", null, "The sale from its beginning"),
      h(
        "select",
        {
          "aria-label": "Shown ticket types",
          value: part.key,
          onChange: ({ currentTarget }: { currentTarget: HTMLSelectElement }) => choose(currentTarget.value),
        },
        [wholeOf(line), ...partsOf(line)].map(({ key, name }) => h("option", { value: key, key }, name)),
      ),
    ),
    h(Failure, { failure, hasValue: history !== undefined }),
    history === undefined ? h("p", { class: "card quiet" }, "Loading …") : h(Charts, { history, part }),
  );
}

/** What the charts can show; `ticketTypes` is null for the whole event. */
type Part = Readonly<{ key: string; name: string; ticketTypes: readonly string[] | null; total: number }>;

function wholeOf({ inventory, pools }: EventLine): Part {
  return { key: "all", name: "All ticket types", ticketTypes: null, total: sumStock(inventory, pools).total };
}

function partsOf({ inventory, pools }: EventLine): Part[] {
  const types = inventory.map(({ ticketType, total }) => {
    return { key: `type ${ticketType}`, name: ticketType, ticketTypes: [ticketType], total };
  });
  const ofPools = pools.map(({ name, total }) => {
    const drawing = inventory.filter((type) => type.pools?.includes(name) === true);
    const ticketTypes = drawing.map(({ ticketType }) => ticketType);
    return { key: `pool ${name}`, name: `Pool ${name}`, ticketTypes, total };
  });
  return [...types, ...ofPools];
}

function Charts({ history, part }: Readonly<{ history: SaleHistory; part: Part }>): ComponentChild {
  const dark = isDark();
  return useMemo(() => {
    if (history.startMs === null) {
      const words = history.isComplete
        ? "Nothing was sold or refused yet. The charts begin with the first order that is decided."
        : "Reading the sale from its beginning …";
      return h("p", { class: "card quiet", role: "status" }, words);
    }
    const lines = linesOf(history, part.ticketTypes);
    const { times, sold, soldPerSecond, refusedPerSecond } = lines;
    const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) >= dayMs;
    const common = { times, empty: "No data yet", formatAt: isLong ? formatDayClock : formatClock };
    // A slow sale is read by the minute.
    const isSlow = Math.max(lines.peakPerSecond, ...refusedPerSecond) < 1;
    const rates = (perSecond: readonly number[]) =>
      isSlow ? perSecond.map((rate) => rate * secondsPerMinute) : perSecond;
    const total = times.map(() => part.total);
    return h(
      "div",
      { class: "charts two" },
      h(Chart, {
        ...common,
        title: "Tickets sold",
        lines: [
          { label: "sold", colour: "sold", values: sold, isFilled: true },
          { label: "of", colour: "series-1", values: total },
        ],
        format: formatCount,
      }),
      h(Chart, {
        ...common,
        title: isSlow ? "Pace, per minute" : "Pace, per second",
        lines: [
          { label: "tickets sold", colour: "sold", values: rates(soldPerSecond), isFilled: true },
          { label: "orders refused", colour: "series-3", values: rates(refusedPerSecond) },
        ],
        format: formatRate,
      }),
      history.isComplete
        ? null
        : h("p", { class: "quiet small", role: "status" }, "Reading the sale from its beginning: more is to come."),
    );
  }, [history, part.key, part.total, dark]);
}
