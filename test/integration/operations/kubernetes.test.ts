// Checks the Kubernetes manifests against the schemas of the API, and against the rules of this project.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { BlockList } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { countConnections } from "@onsale/database/connection/connection-budget";
import { gatewaySettings } from "@onsale/gateway/config";
import { isAllowedAddress } from "@onsale/security/webhook-address";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import { atEnd } from "../../support/cleanup.ts";
import { buildOverlay, environmentOf, type Manifest, withoutKustomize } from "../../support/external/manifests.ts";
import { alerts, recordings, scrapedPorts } from "../../support/external/monitoring.ts";
import { assertMemoryForWaiters } from "../../support/services/gateway-memory.ts";
import { projectFolder } from "../../support/services/services.ts";

const overlays = ["minikube", "production"];
const services = ["gateway", "worker", "notifier", "admin"];

/** The package with the types of an operator's objects, by the beginning of their API group. */
const modelsOf: Readonly<Record<string, string>> = {
  keda: "@kubernetes-models/keda",
  "monitoring.coreos": "@kubernetes-models/prometheus-operator",
};

/** A program that creates an object from each manifest, so that the compiler refuses unknown fields. */
function programOf(manifests: readonly Manifest[]): string {
  const lines = manifests.map(({ apiVersion, kind, raw }, index) => {
    const { apiVersion: _version, kind: _kind, ...fields } = raw;
    const operator = /^(?:keda|monitoring\.coreos)(?=\.)/.exec(apiVersion)?.[0];
    const from = `${operator === undefined ? "kubernetes-models" : modelsOf[operator]}/${apiVersion}`;
    const created = `new Kind${index}(${JSON.stringify(fields, null, 2)})`;
    return `import { ${kind} as Kind${index} } from "${from}";\n${created}.validate();`;
  });
  return `${lines.join("\n")}\n`;
}

function assertValid(manifests: readonly Manifest[]): void {
  const folder = mkdtempSync(join(tmpdir(), "onsale-kubernetes-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "manifests.ts"), programOf(manifests));
  const options = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--pretty",
    "false",
  ];
  const run = (program: string, parameters: string[]) => {
    try {
      execFileSync(program, parameters, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      throw new Error(error instanceof Error && "stdout" in error ? `${error.stdout}${error.message}` : String(error));
    }
  };
  run("tsc", [...options, "manifests.ts"]);
  run(process.execPath, ["manifests.ts"]);
}

describe("Kubernetes", { skip: withoutKustomize }, () => {
  const manifests = new Map<string, Manifest[]>();

  before(() => {
    for (const overlay of overlays) manifests.set(overlay, buildOverlay(overlay));
  });

  const pods = () =>
    [...manifests.values()].flat().flatMap(({ kind, metadata, spec }) => {
      return spec?.template === undefined ? [] : [{ kind, name: metadata.name, pod: spec.template }];
    });
  const find = (overlay: string, kind: string, name: string) =>
    manifests.get(overlay)?.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

  const settingsOf = (overlay: string) =>
    manifests.get(overlay)?.find(({ kind, data }) => kind === "ConfigMap" && data?.PARTITIONS !== undefined)?.data ??
    {};
  const workersAtMost = (overlay: string) =>
    find(overlay, "ScaledObject", "worker")?.spec?.maxReplicaCount ??
    find(overlay, "Deployment", "worker")?.spec?.replicas ??
    Number.NaN;

  for (const overlay of overlays) {
    it(`every object of ${overlay} is valid, without unknown fields`, () => {
      assertValid(manifests.get(overlay) ?? []);
    });
  }

  it("the check finds an unknown field, and a value of a wrong type", () => {
    const [manifest] = buildOverlay("production").filter(({ kind }) => kind === "Deployment");
    assert(manifest !== undefined);
    const withSpec = (spec: object) => [{ ...manifest, raw: { ...manifest.raw, spec } }];
    assert.throws(() => assertValid(withSpec({ replica: 2 })), /replica/);
    assert.throws(() => assertValid(withSpec({ replicas: "two" })), /replicas|string/);
  });

  it("every pod runs without root and privileges, on a read-only file system", () => {
    assert(pods().length >= 12);
    for (const { name, pod } of pods()) {
      assert.equal(pod.spec.automountServiceAccountToken, false, name);
      assert.equal(pod.spec.enableServiceLinks, false, name);
      assert.equal(pod.spec.securityContext.runAsNonRoot, true, name);
      assert.equal(pod.spec.securityContext.seccompProfile.type, "RuntimeDefault", name);
      for (const { securityContext, resources, image } of pod.spec.containers) {
        assert.equal(securityContext.allowPrivilegeEscalation, false, name);
        assert.equal(securityContext.readOnlyRootFilesystem, true, name);
        assert.deepEqual(securityContext.capabilities.drop, ["ALL"], name);
        assert(resources.requests.cpu && resources.requests.memory && resources.limits.memory, name);
        assert.match(image, /:[\w.-]+$/, `${name} has an image without a version`);
      }
    }
  });

  it("no service is restarted because its database is unreachable", () => {
    for (const { kind, name, pod } of pods().filter(({ kind }) => kind === "Deployment")) {
      for (const { livenessProbe, readinessProbe, startupProbe } of pod.spec.containers) {
        assert.equal(livenessProbe?.httpGet?.path, "/livez", `${kind} ${name}`);
        assert.equal(startupProbe?.httpGet?.path, "/livez", `${kind} ${name}`);
        assert.equal(readinessProbe?.httpGet?.path, "/readyz", `${kind} ${name}`);
      }
    }
  });

  it("Prometheus reaches the metrics of each service, without a key", () => {
    const Policy = Type.Object({
      spec: Type.Object({
        ingress: Type.Array(Type.Object({ ports: Type.Array(Type.Object({ port: Type.Integer() })) })),
      }),
    });
    for (const overlay of overlays) {
      const { spec } = Parse(Policy, find(overlay, "NetworkPolicy", "metrics")?.raw);
      const [open] = spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
      for (const name of services) {
        const pod = find(overlay, "Deployment", name)?.spec?.template;
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
    const { spec } = Parse(Monitor, find("production", "PodMonitor", "onsale")?.raw);
    const [endpoint] = spec.podMetricsEndpoints;
    const [job] = endpoint?.relabelings.filter(({ targetLabel }) => targetLabel === "job") ?? [];
    assert.deepEqual(job?.sourceLabels, ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]);
    for (const name of services) {
      const pod = find("production", "Deployment", name)?.spec?.template;
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
    const { spec } = Parse(Rules, find("production", "PrometheusRule", "onsale")?.raw);
    const rules = spec.groups.flatMap((group) => group.rules);
    const expressions = new Map(rules.map(({ alert, record, expr }) => [alert ?? record, expr]));
    assert.equal(rules.length, alerts.length + recordings.size);
    for (const { name, expression } of alerts) assert.equal(expressions.get(name), expression, name);
    for (const [name, expression] of recordings) assert.equal(expressions.get(name), expression, name);
  });

  it("the Ingress lets requests wait for their decisions, and streams run without an end", () => {
    const Ingress = Type.Object({
      metadata: Type.Object({ annotations: Type.Record(Type.String(), Type.String()) }),
      spec: Type.Object({
        tls: Type.Array(Type.Object({ hosts: Type.Array(Type.String()) })),
        rules: Type.Array(
          Type.Object({
            host: Type.String(),
            http: Type.Object({
              paths: Type.Array(
                Type.Object({
                  backend: Type.Object({
                    service: Type.Object({ name: Type.String(), port: Type.Object({ name: Type.String() }) }),
                  }),
                }),
              ),
            }),
          }),
        ),
      }),
    });
    const { metadata, spec } = Parse(Ingress, find("production", "Ingress", "gateway")?.raw);
    const of = (name: string) => metadata.annotations[`nginx.ingress.kubernetes.io/${name}`];
    const waitSecondsMax = gatewaySettings.waitSecondsMax.parse(undefined);
    assert(Number(of("proxy-read-timeout")) > waitSecondsMax, `${waitSecondsMax} s`);
    assert.equal(of("proxy-buffering"), "off");
    const [rule] = spec.rules;
    assert.deepEqual(
      spec.tls.flatMap(({ hosts }) => hosts),
      [rule?.host],
    );
    const [backend] = rule?.http.paths.map((path) => path.backend.service) ?? [];
    assert(find("production", "Service", backend?.name ?? ""));
    assert.equal(backend?.port.name, "http");
  });

  it("a gateway has enough memory for its waiting requests", () => {
    for (const overlay of overlays) {
      const container = find(overlay, "Deployment", "gateway")?.spec?.template?.spec.containers[0];
      const settings = { ...settingsOf(overlay), ...environmentOf(container) };
      assertMemoryForWaiters(settings, container?.resources.limits.memory ?? "");
    }
  });

  it("there are never more workers than partitions, because they would be idle", () => {
    for (const overlay of overlays) {
      assert(workersAtMost(overlay) <= Number(settingsOf(overlay).PARTITIONS), overlay);
    }
  });

  it("PostgreSQL has enough connections for the largest number of each kind, and for one more during a rollout", () => {
    const connectionsAtMost = (overlay: string) => {
      const replicas = (name: string) => find(overlay, "Deployment", name)?.spec?.replicas ?? 0;
      const ofOneMoreAdmin = countConnections({ gateways: 0, workers: 0, notifiers: 0, partitions: 0 });
      const processes = {
        gateways: (find(overlay, "HorizontalPodAutoscaler", "gateway")?.spec?.maxReplicas ?? 0) + 1,
        workers: workersAtMost(overlay) + 1,
        notifiers: replicas("notifier") + 1,
        partitions: Number(settingsOf(overlay).PARTITIONS),
      };
      return countConnections(processes) + ofOneMoreAdmin;
    };
    const given = (text: string) => Number(/max_connections\D{1,5}(\d+)/.exec(text)?.[1]);
    const page = readFileSync(join(projectFolder, "docs", "kubernetes.md"), "utf8");
    const overlayFile = join(projectFolder, "infra", "k8s", "overlays", "production", "kustomization.yaml");
    const needed = connectionsAtMost("production");
    assert(given(page) > needed, `docs/kubernetes.md says ${given(page)}, and ${needed} are needed`);
    assert.match(
      readFileSync(overlayFile, "utf8"),
      new RegExp(`= ${needed}: max_connections of ${given(page)} or more`),
    );
    const { args = [] } = find("minikube", "StatefulSet", "postgres")?.spec?.template?.spec.containers[0] ?? {};
    assert(given(args.join(" ")) > connectionsAtMost("minikube"));
  });

  it("the manifests contain no secrets, only their names", () => {
    const all = [...manifests.values()].flat();
    assert(!all.some(({ kind }) => kind === "Secret"));
    for (const { pod } of pods()) {
      for (const { name, value } of pod.spec.containers.flatMap((container) => container.env ?? [])) {
        if (/PASSWORD|SECRET|_URL$/.test(name)) assert.equal(value, undefined, name);
      }
    }
  });

  it("gateways trust X-Forwarded-For only from the proxies that production names", () => {
    const Settings = Type.Object({ data: Type.Record(Type.String(), Type.String()) });
    const trusted = overlays.map((overlay) => {
      const found = manifests.get(overlay)?.find(({ kind, metadata }) => {
        return kind === "ConfigMap" && /^onsale-/.test(metadata.name);
      });
      const { data } = Parse(Settings, found?.raw);
      assert.equal(data.PARTITIONS, "4");
      return data.TRUST_PROXY;
    });
    assert.equal(trusted[0], undefined);
    assert.match(trusted[1] ?? "", /^\d+\.\d+\.\d+\.\d+\/\d+$/);
  });

  it("each overlay has every service and the migration", () => {
    for (const overlay of overlays) {
      for (const name of services) assert(find(overlay, "Deployment", name), `${overlay} has no ${name}`);
      assert(find(overlay, "Job", "migrate"));
      assert(find(overlay, "HorizontalPodAutoscaler", "gateway"));
      assert(find(overlay, "NetworkPolicy", "default-deny"));
      for (const name of ["gateway", "worker", "notifier"]) assert(find(overlay, "PodDisruptionBudget", name));
    }
    assert(find("production", "ScaledObject", "worker"));
  });

  it("the notifier reaches no address that webhooks may not be sent to", () => {
    const Policy = Type.Object({
      spec: Type.Object({
        egress: Type.Array(
          Type.Object({
            to: Type.Array(
              Type.Object({
                ipBlock: Type.Object({ cidr: Type.String(), except: Type.Optional(Type.Array(Type.String())) }),
              }),
            ),
          }),
        ),
      }),
    });
    const { spec } = Parse(Policy, find("production", "NetworkPolicy", "notifier")?.raw);
    const blocks = spec.egress.flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock));
    const listOf = (networks: readonly string[]) => {
      const list = new BlockList();
      for (const network of networks) {
        const [address = "", bits] = network.split("/");
        list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
      }
      return list;
    };
    const allowed = listOf(blocks.map(({ cidr }) => cidr));
    const denied = listOf(blocks.flatMap(({ except = [] }) => except));
    const leadsTo = (address: string) => {
      const family = address.includes(":") ? "ipv6" : "ipv4";
      return allowed.check(address, family) && !denied.check(address, family);
    };
    const privateOnes = [
      "10.1.2.3",
      "172.16.0.1",
      "172.31.255.1",
      "192.168.1.1",
      "169.254.169.254",
      "168.63.129.16",
      "127.0.0.1",
    ];
    const specialOnes = ["100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.1"];
    const ipv6 = ["::1", "fc00::1", "fd12::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1"];
    for (const address of [...privateOnes, ...specialOnes, ...ipv6]) {
      assert(!isAllowedAddress(address, false) && !leadsTo(address), address);
    }
    for (const address of ["93.184.216.34", "8.8.8.8", "2606:4700::1111"]) {
      assert(isAllowedAddress(address, false) && leadsTo(address), address);
    }
  });
});
