// Writes the reference pages of docs/, Grafana's dashboards and the PrometheusRule from the code, or with --check fails
// when one is not what it would write.
import { adminSettings } from "@onsale/admin/config";
import { cliSettings } from "@onsale/cli/config";
import type { Setting } from "@onsale/config/load-config";
import { problemCatalogue, problemType } from "@onsale/contracts/problem";
import { rejectionReasons } from "@onsale/contracts/values";
import { gatewaySettings } from "@onsale/gateway/config";
import { notifierSettings } from "@onsale/notifier/config";
import { type MetricDefinition, metricCatalogue } from "@onsale/observability/metric-catalogue";
import { standaloneSettings } from "@onsale/standalone/config";
import { workerSettings } from "@onsale/worker/config";
import { dashboards } from "../grafana/dashboards.ts";
import { cliPage } from "./cli-page.ts";
import { writeOrCompare } from "./generated-files.ts";
import { prometheusRule } from "./prometheus-rule.ts";
import { table } from "./table.ts";

function settingsTable(settings: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.values(settings).map((setting) => {
    return [`\`${setting.variable}\``, setting.defaultText, setting.description];
  });
  return table(["variable", "default", "meaning"], rows);
}

function configurationPage(): string {
  return `# Configuration

Every process reads its environment once, at start, and reports all mistakes in it in one line.
An empty value counts as unset.

## \`npm start\`

${settingsTable(standaloneSettings)}

It passes these settings on to the processes that need them.

## A gateway alone: \`node services/gateway/src/main.ts\`

${settingsTable(gatewaySettings)}

## A worker alone: \`node services/worker/src/main.ts\`

${settingsTable(workerSettings)}

## A notifier alone: \`node services/notifier/src/main.ts\`

${settingsTable(notifierSettings)}

## An admin service alone: \`node services/admin/src/main.ts\`

${settingsTable(adminSettings)}

## The command line: \`npx onsale\`

${settingsTable(cliSettings)}

\`doctor\` also checks every setting above that is set.
`;
}

function metricsPage(): string {
  const definitions: [string, MetricDefinition][] = Object.entries(metricCatalogue);
  const rows = definitions.map(([name, { type, labels, from, help }]) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", ") || "none",
    from.join(", "),
    help,
  ]);
  return `# Metrics

Every process serves its own metrics at \`/metrics\`, and Node's own metrics with them. A worker, a notifier and an
admin service use \`METRICS_PORT\`. A gateway uses its own port (also at \`/actuator/prometheus\`; with \`AUTH=keys\`
only [for \`admin\` keys of the account \`default\`](api-keys.md#metrics)), and \`METRICS_PORT\` when that is set. No
label contains an order, an account or an event.

${table(["metric", "type", "labels", "from", "meaning"], rows)}
`;
}

function problemsPage(): string {
  const rows = Object.entries(problemCatalogue).map(([code, { status, title, retryable }]) => [
    `\`${code}\``,
    String(status),
    retryable ? "yes" : "no",
    title,
  ]);
  const reasons = Object.entries(rejectionReasons).map(([code, detail]) => [`\`${code}\``, detail]);
  return `# Problems

Every error response has [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem details. Switch on \`code\`; the
\`type\` is \`${problemType("sold-out").replace("sold-out", "<code>")}\`. When \`retryable\` is true, the same
request may succeed later.

${table(["code", "status", "retryable", "title"], rows)}

## Reasons of rejected orders

A \`REJECTED\` order is not an error. Its \`reason\` is one of these codes.

${table(["code", "detail"], reasons)}
`;
}

const dashboardFiles = Object.entries(dashboards).map(([file, dashboard]): [string, string] => [
  `infra/grafana/dashboards/${file}`,
  `${JSON.stringify(dashboard, null, 2)}\n`,
]);

writeOrCompare(
  new Map([
    ["docs/cli.md", cliPage()],
    ["docs/configuration.md", configurationPage()],
    ["docs/metrics.md", metricsPage()],
    ["docs/problems.md", problemsPage()],
    ["infra/k8s/components/prometheus-operator/prometheus-rule.yaml", prometheusRule()],
    ...dashboardFiles,
  ]),
);
