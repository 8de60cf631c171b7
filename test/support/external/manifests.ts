// The Kubernetes manifests that kustomize builds from the overlays of infra/k8s.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Parse } from "typebox/value";
import { parseAllDocuments } from "yaml";
import { projectFolder } from "../services/services.ts";
import { findProgram } from "./programs.ts";

const Labels = Type.Record(Type.String(), Type.String());
const Probe = Type.Object({ httpGet: Type.Optional(Type.Object({ path: Type.String() })) });
const Security = Type.Object({
  allowPrivilegeEscalation: Type.Boolean(),
  readOnlyRootFilesystem: Type.Boolean(),
  capabilities: Type.Object({ drop: Type.Array(Type.String()) }),
});
const Container = Type.Object({
  name: Type.String(),
  image: Type.String(),
  args: Type.Optional(Type.Array(Type.String())),
  ports: Type.Optional(Type.Array(Type.Object({ name: Type.Optional(Type.String()), containerPort: Type.Integer() }))),
  env: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) }))),
  startupProbe: Type.Optional(Probe),
  livenessProbe: Type.Optional(Probe),
  readinessProbe: Type.Optional(Probe),
  resources: Type.Object({ requests: Labels, limits: Labels }),
  securityContext: Security,
});
const Pod = Type.Object({
  metadata: Type.Object({ labels: Labels, annotations: Type.Optional(Labels) }),
  spec: Type.Object({
    automountServiceAccountToken: Type.Boolean(),
    enableServiceLinks: Type.Boolean(),
    securityContext: Type.Object({
      runAsNonRoot: Type.Boolean(),
      seccompProfile: Type.Object({ type: Type.String() }),
    }),
    containers: Type.Array(Container),
  }),
});
const Manifest = Type.Object({
  apiVersion: Type.String(),
  kind: Type.String(),
  metadata: Type.Object({ name: Type.String() }),
  spec: Type.Optional(
    Type.Object({
      template: Type.Optional(Pod),
      replicas: Type.Optional(Type.Integer()),
      /** Of an autoscaler of Kubernetes, and of KEDA's. */
      maxReplicas: Type.Optional(Type.Integer()),
      maxReplicaCount: Type.Optional(Type.Integer()),
    }),
  ),
  data: Type.Optional(Labels),
});

export type Manifest = ReturnType<typeof buildOverlay>[number];

/** Why overlays cannot be built on this machine; false when they can. */
export const withoutKustomize: string | false =
  findProgram("kustomize") === undefined && findProgram("kubectl") === undefined
    ? "there is neither kustomize nor kubectl on the PATH; install one of them to run this test"
    : false;

/** Builds the manifests of an overlay, each raw and as the fields that tests read. */
export function buildOverlay(name: string) {
  const folder = join(projectFolder, "infra", "k8s", "overlays", name);
  const [program, verb] = findProgram("kustomize") === undefined ? ["kubectl", "kustomize"] : ["kustomize", "build"];
  return parseManifests(execFileSync(program, [verb, folder], { encoding: "utf8", stdio: "pipe" }));
}

/** The manifests of an example, which no overlay has. */
export function readExample(name: string) {
  return parseManifests(readFileSync(join(projectFolder, "infra", "k8s", "examples", `${name}.yaml`), "utf8"));
}

function parseManifests(text: string) {
  return parseAllDocuments(text).map((document) => {
    const raw = Parse(Type.Record(Type.String(), Type.Unknown()), document.toJS());
    return { ...Parse(Manifest, raw), raw };
  });
}

export const overlayNames = ["minikube", "production"] as const;
export const serviceNames = ["gateway", "worker", "notifier", "admin"] as const;

export type OverlayName = (typeof overlayNames)[number];
export type Overlays = ReturnType<typeof buildOverlays>;

/** Builds all overlays. */
export function buildOverlays() {
  const manifests = new Map(overlayNames.map((name) => [name, buildOverlay(name)] as const));
  const of = (overlay: OverlayName): readonly Manifest[] => manifests.get(overlay) ?? [];
  return {
    of,
    find: (overlay: OverlayName, kind: string, name: string) =>
      of(overlay).find((manifest) => manifest.kind === kind && manifest.metadata.name === name),
  };
}

/** The environment variables that a manifest gives a container by value. */
export function environmentOf(container: Static<typeof Container> | undefined): Record<string, string> {
  const given = container?.env ?? [];
  return Object.fromEntries(given.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}
