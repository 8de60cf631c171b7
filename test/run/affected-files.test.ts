import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { projectFolder } from "../support/services/services.ts";
import { affectedBy, dependenciesOf } from "./affected-files.ts";

const everything = () => true;

describe("the dependencies of a file", () => {
  it("are its imports, from neighbouring files, packages and services", () => {
    const text = [
      'import { a } from "./beside.ts";',
      'import type { B } from "../../above.ts";',
      'export { c } from "@onsale/database/statements/orders/get-orders";',
      'const { d } = await import("@onsale/worker/batch");',
      'import { Onsale } from "@onsale/client";',
      'import { hostileUrls } from "@onsale/security/test-data/hostile-urls";',
      'import { it } from "node:test";',
    ].join("\n");
    assert.deepEqual(
      [...dependenciesOf("test/e2e/sale/some.test.ts", text, everything)],
      [
        "test/e2e/sale/beside.ts",
        "test/above.ts",
        "packages/database/src/statements/orders/get-orders.ts",
        "services/worker/src/batch.ts",
        "packages/client/src/index.ts",
        "packages/security/test-data/hostile-urls.ts",
      ],
    );
  });

  it("include programs and files that it names by path", () => {
    const text =
      'start("services/cli/src/main.ts"); readFileSync(join(projectFolder, "infra", "prometheus"));read("README.md")';
    assert.deepEqual(
      [...dependenciesOf("test/support/some.ts", text, everything)],
      ["services/cli/src/main.ts", "README.md", "infra/prometheus/"],
    );
    assert.deepEqual([...dependenciesOf("test/support/some.ts", text, () => false)], []);
  });
});

describe("a change", () => {
  const dependencies = new Map([
    ["a.test.ts", new Set(["a.ts"])],
    ["b.test.ts", new Set(["b.ts"])],
    ["a.ts", new Set(["shared.ts"])],
    ["b.ts", new Set(["shared.ts", "migrations/"])],
    ["shared.ts", new Set(["a.ts"])],
  ]);
  const affected = (...changed: string[]) => affectedBy(changed, dependencies, ["a.test.ts", "b.test.ts"]);

  it("affects the tests that reach it, over any number of files and over cycles", () => {
    assert.deepEqual(affected("shared.ts"), ["a.test.ts", "b.test.ts"]);
    assert.deepEqual(affected("b.ts"), ["b.test.ts"]);
    assert.deepEqual(affected("a.test.ts"), ["a.test.ts"]);
    assert.deepEqual(affected("migrations/0009_next.sql"), ["b.test.ts"]);
    assert.deepEqual(affected("LICENSE"), []);
  });
});

describe("in this project", () => {
  const reach = (file: string) => {
    const found = new Set([file]);
    for (const path of found) {
      if (!/\.(ts|mjs|cjs)$/.test(path) || !existsSync(join(projectFolder, path))) continue;
      const text = readFileSync(join(projectFolder, path), "utf8");
      for (const next of dependenciesOf(path, text, (other) => existsSync(join(projectFolder, other)))) found.add(next);
    }
    return found;
  };

  it("a test that starts services is affected by their code and by the migrations, not by other services", () => {
    const found = reach("test/e2e/sale/hot-sale.test.ts");
    for (const file of ["services/gateway/src/purchase/intake.ts", "services/worker/src/batch.ts", "migrations/"]) {
      assert(found.has(file), file);
    }
    assert(!found.has("services/admin/src/main.ts"));
    assert(!found.has("services/cli/src/main.ts"));
  });

  it("a test of manifests is affected by all of them", () => {
    assert(reach("test/integration/operations/kubernetes.test.ts").has("infra/k8s/"));
  });

  it("a unit test is affected by the file that it tests", () => {
    const found = reach("packages/domain/src/bucket.test.ts");
    assert(found.has("packages/domain/src/bucket.ts"));
    assert(!found.has("services/worker/src/batch.ts"));
  });
});
