// Packs the published client and installs it in an empty folder, as from a registry.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { atEnd } from "../cleanup.ts";
import { projectFolder } from "../services/services.ts";

export const clientFolder = join(projectFolder, "packages", "client");

/** Packs the client, which compiles it, and returns the folder of a project that has only this package installed. */
export function installPackedClient(): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-client-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const pack = ["pack", "--offline", "--loglevel=error", "--pack-destination", folder];
  execFileSync("npm", pack, { cwd: copySources(folder), stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("tar", ["-xzf", packedFile(folder)], { cwd: folder });
  mkdirSync(join(folder, "node_modules", "@onsale"), { recursive: true });
  renameSync(join(folder, "package"), join(folder, "node_modules", "@onsale", "client"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  return folder;
}

/** Copies the package with its compiler's settings: packing it builds it, and several tests do that at a time. */
function copySources(folder: string): string {
  const copy = join(folder, "sources", "packages", "client");
  const isSource = (file: string) => !["dist", "node_modules"].includes(basename(file));
  cpSync(clientFolder, copy, { recursive: true, filter: isSource });
  cpSync(join(projectFolder, "tsconfig.base.json"), join(folder, "sources", "tsconfig.base.json"));
  return copy;
}

/** The package as it is published, in the folder that `installPackedClient` made. */
export function packedFile(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(clientFolder, "package.json"), "utf8"));
  return join(folder, `onsale-client-${version}.tgz`);
}

/** The first Node 20 on the PATH: not this repository's own, which is newer. */
export function findNode20(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const programs = ["/usr/bin/node", ...folders.map((folder) => join(folder, "node"))].filter((file) =>
    existsSync(file),
  );
  return programs.map((file) => realpathSync(file)).find((file) => versionOf(file).startsWith("v20."));
}

function versionOf(program: string): string {
  try {
    return execFileSync(program, ["--version"], { encoding: "utf8" });
  } catch {
    return "";
  }
}
