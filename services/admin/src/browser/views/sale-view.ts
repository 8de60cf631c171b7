import { type ComponentChild, Fragment, h } from "preact";
import { SaleCharts } from "../charts/sale-charts.ts";
import type { Live } from "../live/follow-stream.ts";
import { EventList } from "./event-list.ts";
import { Panels } from "./panels.ts";
import { Tiles } from "./tiles.ts";

/** The start view: the whole sale. */
export function SaleView({ live, isReadOnly }: Readonly<{ live: Live; isReadOnly: boolean }>): ComponentChild {
  return h(
    Fragment,
    null,
    h("h1", { class: "unseen" }, "The sale"),
    h(Tiles, { live }),
    h(SaleCharts, { points: live.points }),
    h(EventList, { live }),
    h(Panels, { live, isReadOnly }),
  );
}
