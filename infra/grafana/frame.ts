// What all dashboards have around their panels.
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

/** An empty dashboard that leads to the others and shows when which alert fired. */
export function frame(name: "Sale" | "Queue" | "Webhooks" | "Saturation", description: string): DashboardBuilder {
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

/** The finished dashboard, with panels numbered in their order, so that a change of one changes no other. */
export function finish(builder: DashboardBuilder): Dashboard {
  const dashboard = builder.build();
  const panels = dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return panels === undefined ? dashboard : { ...dashboard, panels };
}
