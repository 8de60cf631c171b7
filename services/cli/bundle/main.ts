// Makes the package that people install: dist/ with the program in a few files of JavaScript, which need Node 20.19 and
// no other package. `npm run package -w @onsale/cli` packs it.
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import manifest from "../package.json" with { type: "json" };
import { licencesOf } from "./licences.ts";

const cliFolder = join(import.meta.dirname, "..");
const projectFolder = join(cliFolder, "..", "..");
const dist = join(cliFolder, "dist");
// As deep as the sources, because these find the migrations by their own place.
const programFolder = "services/cli/src";
const program = `${programFolder}/main.js`;

// The first line of the program, which the other files have, too: it is a comment there. Some dependencies are
// CommonJS, and load the modules of Node with `require`.
const banner = `#!/usr/bin/env node
import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const { metafile } = await build({
  absWorkingDir: projectFolder,
  entryPoints: [join(cliFolder, "src", "main.ts")],
  outdir: join(dist, programFolder),
  inject: [join(import.meta.dirname, "node-20.ts")],
  conditions: ["@onsale/source"],
  bundle: true,
  // What only a few commands need stays in files of its own, so that the others start sooner.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  banner: { js: banner },
  // `pg` uses it when somebody has installed it.
  external: ["pg-native"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const { version, license } = manifest;
const packed = {
  name: manifest.name,
  version,
  description: "The command line of Onsale: create events, sell tickets, check and run the system.",
  license,
  type: "module",
  bin: { onsale: program },
  files: ["services", "migrations", "LICENSES.txt"],
  engines: { node: ">=20.19" },
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(packed, null, 2)}\n`);
writeFileSync(join(dist, "LICENSES.txt"), licencesOf(Object.keys(metafile.inputs), projectFolder));
cpSync(join(projectFolder, "LICENSE"), join(dist, "LICENSE"));
cpSync(join(projectFolder, "migrations"), join(dist, "migrations"), { recursive: true });
chmodSync(join(dist, program), 0o755);
