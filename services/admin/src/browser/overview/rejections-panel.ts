import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import type { Totals } from "../../console/messages/messages.ts";
import { formatCount, formatPercent, formatRate } from "../format.ts";
import { Loading, Panel } from "../parts/panel.ts";
import { number, table, text } from "../parts/table.ts";

const rejectionWords = {
  order: "order rejected",
  purchase: "purchase turned away",
  request: "other request refused",
} as const;

/** Why orders, purchases and other requests were refused, the most frequent reason first. */
export function RejectionsPanel({ totals }: Readonly<{ totals: Totals | undefined }>): ComponentChild {
  return useMemo(() => {
    return h(Panel, { title: "Rejections by reason" }, totals === undefined ? h(Loading, null) : drawReasons(totals));
  }, [totals]);
}

function drawReasons({ rejections }: Totals): ComponentChild {
  if (rejections.length === 0) return h("p", { class: "quiet" }, "Nothing was refused since the start.");
  const all = rejections.reduce((sum, { total }) => sum + total, 0);
  const rows = rejections
    .toSorted((one, other) => other.total - one.total)
    .map(({ reason, words, what, total, perSecond }) => ({
      key: `${reason} ${what}`,
      cells: [
        text([words, h("span", { class: "quiet small under", key: "what" }, rejectionWords[what])]),
        number(formatRate(perSecond)),
        number(formatCount(total)),
        number(formatPercent(total, all)),
      ],
    }));
  return table(["Reason", "/s", "Since start", "Share"], rows);
}
