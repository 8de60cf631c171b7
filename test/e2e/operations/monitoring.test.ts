// Compares dashboards and alerts with the metrics of a running system.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { before, describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { type MetricDefinition, metricCatalogue } from "@onsale/observability/metric-catalogue";
import { findFreePort } from "@onsale/standalone/free-port";
import { compose, settingsOf } from "../../support/external/compose.ts";
import { exporterMetrics } from "../../support/external/exporters.ts";
import { alerts, panelQueries, recordings, scrapedPorts } from "../../support/external/monitoring.ts";
import { without } from "../../support/external/programs.ts";
import { startPrometheus, type TestPrometheus, untilValue } from "../../support/external/prometheus.ts";
import { type Matcher, selectorsOf } from "../../support/external/promql.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { parseExposition } from "../../support/http/exposition.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, untilAllDecided } from "../../support/services/installation.ts";
import { type Service, startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { startReceiver } from "../../support/webhooks/receiver.ts";
import { createWebhook, startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

/** The labels and the series that Prometheus itself adds, and those of the exporters. */
const targetLabels = ["job", "instance"];
const otherSeries: Readonly<Record<string, readonly string[]>> = {
  up: targetLabels,
  ALERTS: ["alertname", "alertstate"],
  ...Object.fromEntries(Object.entries(exporterMetrics).map(([name, labels]) => [name, [...labels, ...targetLabels]])),
};
const definitions: Readonly<Record<string, MetricDefinition>> = metricCatalogue;
const readUrl = async (url: string) => (await fetch(url)).text();

let installation: Installation & Readonly<{ notifier: Service }>;
let crowded: Service;
let eventCode: string;

/** Makes the system count at least one of everything that needs no fault. */
async function beBusy(): Promise<void> {
  const { api } = installation;
  eventCode = await api.createEvent({ STANDARD: 20 });
  const receiver = await startReceiver();
  await createWebhook(api, receiver.url, eventCode);
  await createWebhook(api, `${api.baseUrl}/nowhere`, eventCode);
  const numbers = Array.from({ length: 25 }, (_, number) => number);
  await Promise.all(numbers.map((number) => api.purchase({ eventCode, key: `busy-${number}`, waitSeconds: 10 })));
  await api.purchase({ eventCode, key: "busy-1" });
  await api.purchase({ eventCode, key: "busy-1", quantity: 2 });
  await api.purchase({ eventCode, key: "" });
  await untilAllDecided(api, eventCode);
  await api.assertSound(eventCode);
  // The request of a load balancer.
  assert.equal((await fetch(`${api.baseUrl}/readyz`)).status, 200);
  const refused = await fetch(`${crowded.url}/api/v1/events/${eventCode}/stream`);
  assert.match(await refused.text(), /^retry: \d+\n\n$/);
  const delivered = async () => readUrl(`${installation.notifier.url}/metrics`);
  await untilTrue("webhooks arrived and failed", async () => {
    const text = await delivered();
    return text.includes('{result="delivered"}') && text.includes('{result="http-error"}');
  });
}

before(async () => {
  installation = await startInstallationWithWebhooks(postgresQueues);
  crowded = await startGateway({ ...installation.environment, WAITERS_MAX: "0" });
  await beBusy();
});

describe("dashboards and alerts", () => {
  const types = new Map<string, string>();
  const valuesByLabel = new Map<string, Map<string, Set<string>>>();

  before(async () => {
    const { gateways, workers, notifier } = installation;
    for (const { url } of [...gateways, ...workers, notifier, crowded]) {
      const exposition = parseExposition(await readUrl(`${url}/metrics`));
      for (const [name, type] of exposition.types) types.set(name, type);
      for (const { name, labels } of exposition.series) {
        const known = valuesByLabel.get(name) ?? new Map<string, Set<string>>();
        valuesByLabel.set(name, known);
        for (const [label, value] of Object.entries(labels)) {
          known.set(label, (known.get(label) ?? new Set()).add(value));
        }
      }
    }
  });

  /** The metric that a series belongs to: a histogram has three kinds of series. */
  function declared(name: string): string | undefined {
    if (types.has(name)) return name;
    const base = name.replace(/_(bucket|sum|count)$/, "");
    return types.get(base) === "histogram" || types.get(base) === "summary" ? base : undefined;
  }

  function labelsOf(name: string): readonly string[] {
    const metric = declared(name);
    assert(metric !== undefined, `no process measures ${name}`);
    const live = valuesByLabel.get(name)?.keys() ?? [];
    return [...live, ...(definitions[metric]?.labels ?? []), ...targetLabels];
  }

  function assertMatches(name: string, { label, operator, value }: Matcher): void {
    const values = [...(valuesByLabel.get(name)?.get(label) ?? [])];
    if (operator === "=") assert(values.includes(value), `${name} never has ${label}="${value}", but ${values}`);
    if (operator === "=~") {
      const pattern = new RegExp(`^(?:${value})$`);
      const isFailure = label === "status";
      assert(isFailure || values.some((one) => pattern.test(one)), `${name} never has ${label}=~"${value}"`);
    }
  }

  function assertMeasured(expression: string): void {
    for (const { metric, matchers, groupings } of selectorsOf(expression)) {
      if (recordings.has(metric)) continue;
      const others = otherSeries[metric];
      const labels = others ?? labelsOf(metric);
      for (const label of [...matchers.map((matcher) => matcher.label), ...groupings]) {
        assert(labels.includes(label), `${metric} has no label ${label}: ${expression}`);
      }
      // Which values those have is not known here.
      if (others !== undefined) continue;
      for (const matcher of matchers) if (!targetLabels.includes(matcher.label)) assertMatches(metric, matcher);
    }
  }

  it("read only metrics, labels and values that the processes have", () => {
    assert(panelQueries.length > 50 && alerts.length > 15 && recordings.size > 10);
    for (const { expression } of [...panelQueries, ...alerts]) assertMeasured(expression);
    for (const expression of recordings.values()) assertMeasured(expression);
  });

  it("are checked so that a missing metric, label or value is found", () => {
    assert.throws(() => assertMeasured("rate(http_server_requests_seconds_bucket[5m])"), /no process measures/);
    assert.throws(() => assertMeasured("sum by (event) (tickets_sold_total)"), /no label event/);
    assert.throws(() => assertMeasured('webhook_attempts_total{result="success"}'), /never has/);
    assert.throws(() => assertMeasured("sum(rate(tickets_sold_total[5m])"), /not PromQL/);
  });

  it("use in legends only labels that the query keeps", () => {
    for (const { where, expression, legend } of panelQueries) {
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      const kept = selectorsOf(expression).flatMap(({ metric, groupings }) =>
        groupings.length > 0 || recordings.has(metric) ? groupings : (otherSeries[metric] ?? labelsOf(metric)),
      );
      for (const label of named) assert(kept.includes(label), `${where}: the legend names ${label}`);
    }
  });
});

describe("the targets of the Prometheus of docker-compose.yml", () => {
  const ours = scrapedPorts().filter(({ job }) => job.startsWith("onsale-"));
  const others = scrapedPorts().filter(({ job }) => !job.startsWith("onsale-"));
  const ports = Object.fromEntries(ours.map(({ job, port }) => [job.replace("onsale-", ""), port]));

  it("have the port on which each service serves its metrics", () => {
    assert.deepEqual(Object.keys(ports).sort(), ["admin", "gateway", "notifier", "worker"]);
    for (const [service, port] of Object.entries(ports)) {
      const { METRICS_HOST, METRICS_PORT } = settingsOf(service);
      assert.deepEqual([METRICS_HOST, METRICS_PORT], ["0.0.0.0", String(port)], service);
    }
  });

  it("are the exporters and Alertmanager too, on the ports that their health checks use", () => {
    assert.deepEqual(
      others.map(({ job }) => job),
      ["stores-postgres", "stores-redis", "stores-disk", "alertmanager"],
    );
    for (const { names, port } of others) {
      const [name = ""] = names;
      const { healthcheck } = compose.services[name] ?? {};
      assert(
        healthcheck?.test.some((part) => part.startsWith(`http://127.0.0.1:${port}/`)),
        name,
      );
    }
  });

  it("need no API key, although the port of the API requires one", async () => {
    const scrapedHere = await findFreePort();
    const { METRICS_PORT, ...settings } = settingsOf("gateway");
    const here = { HOST: "127.0.0.1", PORT: "0", METRICS_HOST: "127.0.0.1", AUTH: settings.AUTH ?? "keys" };
    const gateway = await startGateway({
      ...settings,
      ...here,
      ...(METRICS_PORT === String(ports.gateway) ? { METRICS_PORT: String(scrapedHere) } : {}),
      DATABASE_URL: installation.databaseUrl,
    });
    const answer = await fetch(`http://127.0.0.1:${scrapedHere}/metrics`);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^orders_accepted_total 0$/m);
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 401);
  });
});

describe("promtool", { skip: without("promtool") }, () => {
  it("accepts the metrics of the processes", async () => {
    for (const url of [installation.api.baseUrl, installation.notifier.url]) {
      const input = await readUrl(`${url}/metrics`);
      const ours = input.split("\n").filter((line) => !/nodejs_|process_/.test(line));
      execFileSync("promtool", ["check", "metrics"], { input: `${ours.join("\n")}\n`, encoding: "utf8" });
    }
  });
});

describe("Prometheus", { skip: without("prometheus") }, () => {
  let prometheus: TestPrometheus;

  before(async () => {
    const { gateways, workers, notifier } = installation;
    const addresses = (services: readonly Service[]) => services.map(({ url }) => new URL(url).host);
    prometheus = await startPrometheus({
      "onsale-gateway": addresses([...gateways, crowded]),
      "onsale-worker": addresses(workers),
      "onsale-notifier": addresses([notifier]),
      "onsale-admin": [],
    });
  });

  it("reaches every process, and counts what was sold", async () => {
    await untilValue(prometheus, "sum(up)", (count) => count === 4);
    const { api } = installation;
    const [stock] = await api.inventory(eventCode);
    assert.equal(stock?.sold, 20);
    await untilValue(prometheus, "sum(tickets_sold_total)", (count) => count === 20);
    await untilValue(prometheus, "sum(orders_decided_total)", (count) => count === 25);
  });

  it("evaluates every rule without an error", async () => {
    await untilTrue(
      "each rule was evaluated",
      async () => {
        const rules = await prometheus.rules();
        assert.deepEqual(
          rules.filter((rule) => rule.health === "err"),
          [],
        );
        return rules.length === alerts.length + recordings.size && rules.every((rule) => rule.health === "ok");
      },
      45_000,
    );
  });

  it("answers every query of the dashboards", async () => {
    for (const { where, expression } of panelQueries) {
      await assert.doesNotReject(() => prometheus.query(expression), where);
    }
  });

  it("has values for the panels of the dashboard Sale", async () => {
    const api = createApi(installation.api.baseUrl);
    const code = await api.createEvent({ STANDARD: 10_000 });
    const panels = panelQueries.filter(({ where }) =>
      /Sale, (Accepted|Decisions|Tickets sold|From|Requests)/.test(where),
    );
    assert(panels.length >= 9);
    for (const { where, expression } of panels) {
      await untilTrue(
        `${where} has a value`,
        async () => {
          await api.purchase({ eventCode: code, waitSeconds: 5 });
          await holdAndConfirm(api, code);
          const samples = await prometheus.query(expression);
          return samples.length > 0 && samples.every(({ value }) => Number.isFinite(value));
        },
        30_000,
      );
    }
  });
});

async function holdAndConfirm(api: Api, eventCode: string): Promise<void> {
  const body = { eventCode, ticketType: "STANDARD", quantity: 1, hold: true };
  const headers = { "idempotency-key": newKey(), prefer: "wait=5" };
  const { body: order } = await api.post<Order>("/api/v1/orders/purchase", body, headers);
  await api.post(`/api/v1/orders/${order.id}/confirm`, {});
}
