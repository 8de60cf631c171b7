// The list of all dashboards. `npm run fix` writes them to infra/grafana/dashboards, which Grafana reads.
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { databasesDashboard } from "./databases.ts";
import { queueDashboard } from "./queue.ts";
import { saleDashboard } from "./sale.ts";
import { saturationDashboard } from "./saturation.ts";
import { webhooksDashboard } from "./webhooks.ts";

/** Every dashboard, by the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  "sale.json": saleDashboard(),
  "queue.json": queueDashboard(),
  "webhooks.json": webhooksDashboard(),
  "saturation.json": saturationDashboard(),
  "databases.json": databasesDashboard(),
};
