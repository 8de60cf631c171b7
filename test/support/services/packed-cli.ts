// Packs the command line and installs it in an empty folder, as people do who do not have this repository.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import type { Ended } from "./program.ts";
import { type Environment, projectFolder } from "./services.ts";

const run = promisify(execFile);

/** Packs and installs the command line, and returns the folder. */
export async function installPackedCli(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "onsale-cli-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  await run("npm", ["run", "package", "--workspace", "@onsale/cli"], { cwd: projectFolder });
  const dist = join(projectFolder, "services", "cli", "dist");
  const tarball = readdirSync(dist).find((file) => file.endsWith(".tgz")) ?? "";
  writeFileSync(join(folder, "package.json"), "{}\n");
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(dist, tarball)], { cwd: folder });
  return folder;
}

/** Runs `npx onsale` in a folder, on a Node of choice. */
export async function npxOnsale(
  folder: string,
  node: string,
  environment: Environment,
  ...parameters: string[]
): Promise<Ended> {
  // npm's own folder stays on the PATH: it may be another one than that of the Node.
  const PATH = [dirname(node), process.env.PATH ?? ""].join(delimiter);
  const env = { ...cleanEnvironment(), npm_config_offline: "true", ...environment, PATH };
  try {
    return { code: 0, ...(await run("npx", ["onsale", ...parameters], { cwd: folder, env })) };
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
  }
}
