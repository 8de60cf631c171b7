// The parts that all dashboards have around their panels: links, time range, marks of alerts.
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { prometheus } from "./panels.ts";

const tag = "onsale";

/** A dashboard that takes more panels. */
export type Board = DashboardBuilder;

/** An empty dashboard, with links to the others and with marks where alerts fired. */
export function frame(name: "Sale" | "Queue" | "Webhooks" | "Saturation" | "Databases", description: string): Board {
  const firing = new AnnotationQueryBuilder()
    .name("Alerts")
    .datasource(prometheus)
    .enable(true)
    .iconColor("red")
    .expr('ALERTS{alertstate="firing", alertname=~"Onsale.+"}')
    .titleFormat("{{alertname}}")
    .textFormat("docs/runbook.md")
    .step("15s");
  return new DashboardBuilder(`Onsale: ${name}`)
    .uid(`onsale-${name.toLowerCase()}`)
    .description(description)
    .tags([tag])
    .timezone("browser")
    .time({ from: "now-15m", to: "now" })
    .refresh("5s")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Onsale")
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .icon("external link")
        .keepTime(true),
    )
    .annotation(firing);
}

/** The finished dashboard. Its panels get ids in their order, so that a change of one panel changes no other id. */
export function finish(builder: Board): Dashboard {
  const dashboard = builder.build();
  const panels = dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return panels === undefined ? dashboard : { ...dashboard, panels };
}
