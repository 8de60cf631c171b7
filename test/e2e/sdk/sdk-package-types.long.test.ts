// The published package, outside of this repository, for every way in which TypeScript and Node find modules.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { clientFolder, findNode20, installPackedClient, packedFile } from "../../support/sdk/packed-client.ts";
import { projectFolder } from "../../support/services/services.ts";

const browser = ["--lib", "es2022,dom", "--types", ""];
const typeRoots = ["--typeRoots", join(projectFolder, "node_modules", "@types"), "--skipLibCheck"];
const node = ["--lib", "es2022", "--types", "node", ...typeRoots];
const node20 = findNode20();

/** A program in which the compiler looks at a call, its options and its answer. */
const program = `
import { getEvent, type Order, ProblemError, purchase } from "@onsale/client";

export async function buy(baseUrl: string): Promise<Order["status"] | undefined> {
  const event = await getEvent({ baseUrl }, "EVNT-JAZZ", { accessCode: "FRIENDS" });
  const request = { eventCode: event.code, ticketType: "VIP", quantity: 1 };
  try {
    const order = await purchase({ baseUrl }, request, { deadlineMs: 1_000 });
    // @ts-expect-error a status is none of these
    if (order.status === "SOLD") return undefined;
    return order.status;
  } catch (error) {
    if (error instanceof ProblemError && error.code === "sold-out") return undefined;
    throw error;
  }
}
`;

let folder: string;

function compile(files: readonly string[], ...options: readonly string[]): void {
  const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"];
  execFileSync("tsc", [...files, ...strict, ...options], { cwd: folder, stdio: "inherit" });
}

before(() => {
  folder = installPackedClient();
  for (const extension of ["mts", "cts"]) writeFileSync(join(folder, `program.${extension}`), program);
  // A CommonJS project has no "type" in its package.json.
  mkdirSync(join(folder, "old"));
  writeFileSync(join(folder, "old", "package.json"), "{}\n");
  writeFileSync(join(folder, "old", "program.ts"), program);
});

describe("the packed client's types", () => {
  it("are found by every moduleResolution, and say of the code what it is", async () => {
    const tarball = new Uint8Array(readFileSync(packedFile(folder)));
    const result = await checkPackage(createPackageFromTarballData(tarball));
    assert(result.types !== false, "the package has types");
    assert.deepEqual(result.problems, []);
    const { resolutions } = result.entrypoints["."] ?? assert.fail("the package has an entry");
    const found = Object.entries(resolutions).map(([kind, { resolution }]) => [kind, resolution?.fileName]);
    const [modules, commonJs] = ["index.d.ts", "cjs/index.d.ts"].map(
      (file) => `/node_modules/@onsale/client/dist/${file}`,
    );
    assert.deepEqual(Object.fromEntries(found), {
      node10: commonJs,
      "node16-cjs": commonJs,
      "node16-esm": modules,
      bundler: modules,
    });
  });

  for (const module of ["node16", "node18", "nodenext"]) {
    it(`compile with module ${module}, in ES modules and in CommonJS`, () => {
      compile(["program.mts", "program.cts", "old/program.ts"], "--module", module, ...browser);
    });
  }

  it("compile with the resolution of bundlers, and in CommonJS that a bundler reads", () => {
    compile(["program.mts"], "--module", "esnext", "--moduleResolution", "bundler", ...browser);
    compile(["old/program.ts"], "--module", "commonjs", "--moduleResolution", "bundler", ...browser);
  });

  it("compile in the examples, for browsers and for Node", () => {
    copyFileSync(join(clientFolder, "examples", "webhook-server.ts"), join(folder, "node-project.ts"));
    const forBrowsers = ["purchase", "create-event", "list-orders", "hold-and-confirm"].map((name) => {
      const text = readFileSync(join(clientFolder, "examples", `${name}.ts`), "utf8");
      const file = join(folder, `browser-${name}.ts`);
      writeFileSync(file, text.replace(/process\.env\.ONSALE_URL \?\? "[^"]+"/, "location.origin"));
      return file;
    });
    compile(forBrowsers, "--module", "esnext", "--moduleResolution", "bundler", ...browser);
    compile(["node-project.ts"], "--module", "nodenext", ...node);
  });
});

for (const [name, executable] of [
  ["this repository's Node", process.execPath],
  ["Node 20", node20],
] as const) {
  const skip = executable === undefined && "there is no Node 20 on the PATH; install one to run this test";

  describe(`require of the packed client, with ${name}`, { skip }, () => {
    const evaluate = (code: string, ...options: readonly string[]) =>
      execFileSync(executable ?? "", [...options, "--input-type=commonjs", "--eval", code], {
        cwd: folder,
        encoding: "utf8",
      });

    it("gives the classes that import gives, so that instanceof works in a program that does both", () => {
      const code = `const { ProblemError } = require("@onsale/client");
        import("@onsale/client").then((module) => console.log(module.ProblemError === ProblemError));`;
      assert.equal(evaluate(code), "true\n");
    });

    it("gives CommonJS to programs that cannot require ES modules", () => {
      const code = `const { purchase } = require("./node_modules/@onsale/client/dist/cjs/index.js");
        purchase({ baseUrl: "" }, {}).catch((error) => console.log(error.name));`;
      assert.equal(evaluate(code, "--no-experimental-require-module"), "TypeError\n");
    });
  });
}
