import { type ComponentChild, Fragment, h } from "preact";
import { EventList } from "./event-list.ts";
import type { Live } from "./live.ts";
import { Panels } from "./panels.ts";
import { SaleCharts } from "./sale-charts.ts";
import { Tiles } from "./tiles.ts";

/** The whole sale. */
export function SaleView({ live }: { live: Live }): ComponentChild {
  return h(
    Fragment,
    null,
    h("h1", { class: "unseen" }, "The sale"),
    h(Tiles, { live }),
    h(SaleCharts, { points: live.points }),
    h(EventList, { live }),
    h(Panels, { live }),
  );
}
