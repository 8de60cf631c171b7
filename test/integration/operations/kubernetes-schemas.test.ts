// Checks the Kubernetes manifests against the schemas of the API and of the operators.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import {
  buildOverlay,
  buildOverlays,
  type Manifest,
  type Overlays,
  overlayNames,
  readExample,
  withoutKustomize,
} from "../../support/external/manifests.ts";
import { projectFolder } from "../../support/services/services.ts";

/** The package with the types of an operator's objects, by the beginning of their API group. */
const modelsOf: Readonly<Record<string, string>> = {
  keda: "@kubernetes-models/keda",
  "monitoring.coreos": "@kubernetes-models/prometheus-operator",
  "postgresql.cnpg": "@kubernetes-models/cloudnative-pg",
};

/** A program that creates an object from each manifest, so that the compiler refuses unknown fields. */
function programOf(manifests: readonly Manifest[]): string {
  const lines = manifests.map(({ apiVersion, kind, raw }, index) => {
    const { apiVersion: _version, kind: _kind, ...fields } = raw;
    const operator = /^(?:keda|monitoring\.coreos|postgresql\.cnpg)(?=\.)/.exec(apiVersion)?.[0];
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

describe("Kubernetes manifests", { skip: withoutKustomize }, () => {
  let kubernetes: Overlays;

  before(() => {
    kubernetes = buildOverlays();
  });

  for (const overlay of overlayNames) {
    it(`every object of ${overlay} is valid, without unknown fields`, () => {
      assertValid(kubernetes.of(overlay));
    });
  }

  it("every object of the example with CloudNativePG is valid, and its commits wait for a standby", () => {
    const manifests = readExample("cloudnative-pg");
    assertValid(manifests);
    const synchronous = { method: "any", number: 1, dataDurability: "required", failoverQuorum: true };
    const text = JSON.stringify(manifests.map(({ raw }) => raw));
    assert(text.includes(`"synchronous":${JSON.stringify(synchronous)}`), text);
  });

  it("the check finds an unknown field, and a value of a wrong type", () => {
    const [manifest] = buildOverlay("production").filter(({ kind }) => kind === "Deployment");
    assert(manifest !== undefined);
    const withSpec = (spec: object) => [{ ...manifest, raw: { ...manifest.raw, spec } }];
    assert.throws(() => assertValid(withSpec({ replica: 2 })), /replica/);
    assert.throws(() => assertValid(withSpec({ replicas: "two" })), /replicas|string/);
  });
});
