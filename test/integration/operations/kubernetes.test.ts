// Checks the Kubernetes manifests against the rules of this project.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { BlockList } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { countConnections } from "@onsale/database/connection/connection-budget";
import { gatewaySettings } from "@onsale/gateway/config";
import { isAllowedAddress } from "@onsale/security/webhook-address";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import {
  buildOverlays,
  environmentOf,
  type OverlayName,
  type Overlays,
  overlayNames,
  serviceNames,
  withoutKustomize,
} from "../../support/external/manifests.ts";
import { assertMemoryForWaiters } from "../../support/services/gateway-memory.ts";
import { projectFolder } from "../../support/services/services.ts";

describe("Kubernetes", { skip: withoutKustomize }, () => {
  let kubernetes: Overlays;

  before(() => {
    kubernetes = buildOverlays();
  });

  const pods = () =>
    overlayNames.flatMap(kubernetes.of).flatMap(({ kind, metadata, spec }) => {
      return spec?.template === undefined ? [] : [{ kind, name: metadata.name, pod: spec.template }];
    });
  const settingsOf = (overlay: OverlayName) =>
    kubernetes.of(overlay).find(({ kind, data }) => kind === "ConfigMap" && data?.PARTITIONS !== undefined)?.data ?? {};
  const workersAtMost = (overlay: OverlayName) =>
    kubernetes.find(overlay, "ScaledObject", "worker")?.spec?.maxReplicaCount ??
    kubernetes.find(overlay, "Deployment", "worker")?.spec?.replicas ??
    Number.NaN;

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
    const { metadata, spec } = Parse(Ingress, kubernetes.find("production", "Ingress", "gateway")?.raw);
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
    assert(kubernetes.find("production", "Service", backend?.name ?? ""));
    assert.equal(backend?.port.name, "http");
  });

  it("a gateway has enough memory for its waiting requests", () => {
    for (const overlay of overlayNames) {
      const container = kubernetes.find(overlay, "Deployment", "gateway")?.spec?.template?.spec.containers[0];
      const settings = { ...settingsOf(overlay), ...environmentOf(container) };
      assertMemoryForWaiters(settings, container?.resources.limits.memory ?? "");
    }
  });

  it("there are never more workers than partitions, because they would be idle", () => {
    for (const overlay of overlayNames) {
      assert(workersAtMost(overlay) <= Number(settingsOf(overlay).PARTITIONS), overlay);
    }
  });

  it("PostgreSQL has enough connections for the largest number of each kind, and for one more during a rollout", () => {
    const connectionsAtMost = (overlay: OverlayName) => {
      const replicas = (name: string) => kubernetes.find(overlay, "Deployment", name)?.spec?.replicas ?? 0;
      const ofOneMoreAdmin = countConnections({ gateways: 0, workers: 0, notifiers: 0, partitions: 0 });
      const processes = {
        gateways: (kubernetes.find(overlay, "HorizontalPodAutoscaler", "gateway")?.spec?.maxReplicas ?? 0) + 1,
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
    const { args = [] } =
      kubernetes.find("minikube", "StatefulSet", "postgres")?.spec?.template?.spec.containers[0] ?? {};
    assert(given(args.join(" ")) > connectionsAtMost("minikube"));
  });

  it("the manifests contain no secrets, only their names", () => {
    const all = overlayNames.flatMap(kubernetes.of);
    assert(!all.some(({ kind }) => kind === "Secret"));
    for (const { pod } of pods()) {
      for (const { name, value } of pod.spec.containers.flatMap((container) => container.env ?? [])) {
        if (/PASSWORD|SECRET|_URL$/.test(name)) assert.equal(value, undefined, name);
      }
    }
  });

  it("gateways trust X-Forwarded-For only from the proxies that production names", () => {
    const Settings = Type.Object({ data: Type.Record(Type.String(), Type.String()) });
    const trusted = overlayNames.map((overlay) => {
      const found = kubernetes.of(overlay).find(({ kind, metadata }) => {
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
    for (const overlay of overlayNames) {
      for (const name of serviceNames)
        assert(kubernetes.find(overlay, "Deployment", name), `${overlay} has no ${name}`);
      assert(kubernetes.find(overlay, "Job", "migrate"));
      assert(kubernetes.find(overlay, "HorizontalPodAutoscaler", "gateway"));
      assert(kubernetes.find(overlay, "NetworkPolicy", "default-deny"));
      for (const name of ["gateway", "worker", "notifier"])
        assert(kubernetes.find(overlay, "PodDisruptionBudget", name));
    }
    assert(kubernetes.find("production", "ScaledObject", "worker"));
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
    const { spec } = Parse(Policy, kubernetes.find("production", "NetworkPolicy", "notifier")?.raw);
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
