// What Kubernetes tells Prometheus and its operator.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import {
  buildOverlays,
  environmentOf,
  type Overlays,
  overlayNames,
  serviceNames,
  withoutKustomize,
} from "../../support/external/manifests.ts";
import { alerts, recordings, scrapedPorts } from "../../support/external/monitoring.ts";

describe("Kubernetes and Prometheus", { skip: withoutKustomize }, () => {
  let kubernetes: Overlays;

  before(() => {
    kubernetes = buildOverlays();
  });

  it("Prometheus reaches the metrics of each service, without a key", () => {
    const Policy = Type.Object({
      spec: Type.Object({
        ingress: Type.Array(Type.Object({ ports: Type.Array(Type.Object({ port: Type.Integer() })) })),
      }),
    });
    for (const overlay of overlayNames) {
      const { spec } = Parse(Policy, kubernetes.find(overlay, "NetworkPolicy", "metrics")?.raw);
      const [open] = spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
      for (const name of serviceNames) {
        const pod = kubernetes.find(overlay, "Deployment", name)?.spec?.template;
        const container = pod?.spec.containers[0];
        const scraped = Number(pod?.metadata.annotations?.["prometheus.io/port"]);
        assert.equal(scraped, open, name);
        assert.equal(environmentOf(container).METRICS_PORT, String(scraped), name);
        assert.equal(environmentOf(container).METRICS_HOST, "0.0.0.0", name);
        assert.equal(container?.ports?.find((port) => port.name === "metrics")?.containerPort, scraped, name);
      }
    }
  });

  it("the Prometheus Operator scrapes each service under the job name that rules and dashboards select by", () => {
    const Monitor = Type.Object({
      spec: Type.Object({
        selector: Type.Object({ matchLabels: Type.Record(Type.String(), Type.String()) }),
        podMetricsEndpoints: Type.Array(
          Type.Object({
            port: Type.String(),
            relabelings: Type.Array(
              Type.Object({
                sourceLabels: Type.Array(Type.String()),
                targetLabel: Type.String(),
                replacement: Type.Optional(Type.String()),
              }),
            ),
          }),
        ),
      }),
    });
    const { spec } = Parse(Monitor, kubernetes.find("production", "PodMonitor", "onsale")?.raw);
    const [endpoint] = spec.podMetricsEndpoints;
    const [job] = endpoint?.relabelings.filter(({ targetLabel }) => targetLabel === "job") ?? [];
    assert.deepEqual(job?.sourceLabels, ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]);
    for (const name of serviceNames) {
      const pod = kubernetes.find("production", "Deployment", name)?.spec?.template;
      for (const [label, value] of Object.entries(spec.selector.matchLabels)) {
        assert.equal(pod?.metadata.labels[label], value, name);
      }
      assert(pod?.spec.containers[0]?.ports?.some((port) => port.name === endpoint?.port));
      const scraped = job?.replacement?.replace("$1", pod?.metadata.labels["app.kubernetes.io/name"] ?? "");
      assert(
        scrapedPorts().some((target) => target.job === scraped),
        `${scraped} is no job of prometheus.yml`,
      );
    }
  });

  it("the PrometheusRule has every rule of infra/prometheus", () => {
    const Rules = Type.Object({
      spec: Type.Object({
        groups: Type.Array(
          Type.Object({
            rules: Type.Array(
              Type.Object({
                alert: Type.Optional(Type.String()),
                record: Type.Optional(Type.String()),
                expr: Type.String(),
              }),
            ),
          }),
        ),
      }),
    });
    const { spec } = Parse(Rules, kubernetes.find("production", "PrometheusRule", "onsale")?.raw);
    const rules = spec.groups.flatMap((group) => group.rules);
    const expressions = new Map(rules.map(({ alert, record, expr }) => [alert ?? record, expr]));
    assert.equal(rules.length, alerts.length + recordings.size);
    for (const { name, expression } of alerts) assert.equal(expressions.get(name), expression, name);
    for (const [name, expression] of recordings) assert.equal(expressions.get(name), expression, name);
  });
});
