import { type ComponentChild, h } from "preact";
import { SaleCharts } from "../charts/sale-charts.ts";
import type { Live } from "../live/follow-stream.ts";
import { EventList } from "./event-list.ts";
import { Tiles } from "./overview-tiles.ts";
import { RejectionsPanel } from "./rejections-panel.ts";
import { WebhooksPanel } from "./webhooks-panel.ts";

/** The start view: the whole sale. What is technical is in the view of the system. */
export function OverviewView({ live }: Readonly<{ live: Live }>): ComponentChild {
  const { totals, webhooks, health } = live.sections;
  return h(
    "div",
    { class: "overview" },
    h("h1", { class: "unseen" }, "Overview"),
    h(Tiles, { live }),
    h(SaleCharts, { points: live.points }),
    h(EventList, { live }),
    h(
      "div",
      { class: "panels" },
      h(RejectionsPanel, { totals }),
      h(WebhooksPanel, { webhooks, since: health?.webhooks.since }),
    ),
  );
}
