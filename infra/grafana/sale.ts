import { type Dashboard, RowBuilder, TextBoxVariableBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, finish, frame } from "./frame.ts";
import { gauge, quantile, stat } from "./panels.ts";
import { addHolds, addOrders } from "./sale-orders.ts";
import { addLatency, addObjectives, addRequests } from "./sale-requests.ts";

const demoStock = "6000";

/** The dashboard *Sale*: what is sold and how fast. */
export function saleDashboard(): Dashboard {
  const dashboard = frame("Sale", "What is sold, how fast, and how the API answers buyers.").withVariable(
    new TextBoxVariableBuilder("stock")
      .label("Tickets on sale")
      .description("The total for the panel Sell-through; the demo event has 6,000 tickets.")
      .defaultValue(demoStock)
      .current({ selected: true, text: demoStock, value: demoStock }),
  );
  addHeadline(dashboard);
  addOrders(dashboard.withRow(new RowBuilder("Orders")));
  addHolds(dashboard.withRow(new RowBuilder("Holds, payments and returns")));
  addLatency(dashboard.withRow(new RowBuilder("Latency")));
  addRequests(dashboard.withRow(new RowBuilder("HTTP")));
  addObjectives(dashboard.withRow(new RowBuilder("Objectives")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Tickets sold",
        description: "Tickets in orders that were confirmed in the chosen time.",
        expr: "sum(increase(tickets_sold_total[$__range]))",
        decimals: 0,
        span: 5,
        steps: ["green"],
      }),
    )
    .withPanel(
      gauge({
        title: "Sell-through",
        description: "Tickets sold in the chosen time, as a share of the tickets on sale, which you set above.",
        expr: "clamp_max(sum(increase(tickets_sold_total[$__range])) / $stock, 1)",
        span: 4,
        steps: ["blue", [0.5, "green"], [0.9, "yellow"], [0.99, "purple"]],
      }),
    )
    .withPanel(
      stat({
        title: "Orders decided per second",
        description: "Confirmed and rejected orders of all workers.",
        expr: "sum(rate(orders_decided_total[$__rate_interval]))",
        unit: "ops",
        span: 4,
        steps: ["blue"],
      }),
    )
    .withPanel(
      stat({
        title: "Decision P95",
        description: "95 of 100 orders are decided faster than this after their acceptance.",
        expr: quantile(0.95, "order_decision_duration_seconds"),
        unit: "s",
        span: 4,
        steps: ["green", [1, "yellow"], [2.5, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Decision P99",
        description: "99 of 100 orders are decided faster than this after their acceptance.",
        expr: quantile(0.99, "order_decision_duration_seconds"),
        unit: "s",
        span: 4,
        steps: ["green", [1, "yellow"], [2.5, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Conflicts",
        description: "Optimistic batches of the chosen time that conflicted with another worker's and were run again.",
        expr: "sum(increase(purchase_conflict_total[$__range]))",
        decimals: 0,
        span: 3,
        steps: ["green", [100, "yellow"], [1_000, "red"]],
      }),
    );
}
