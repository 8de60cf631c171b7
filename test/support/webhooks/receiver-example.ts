import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import { type Environment, projectFolder } from "../services/services.ts";

/** Starts `npm run receiver`. */
export function startReceiverExample(settings: Environment) {
  const { PATH, ...environment } = cleanEnvironment();
  const path = `${join(projectFolder, "node_modules", ".bin")}:${PATH}`;
  const env = { ...environment, PATH: path, NO_COLOR: "1", ...settings };
  const child = spawn("npm", ["run", "receiver"], { cwd: projectFolder, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data.toString()));
  const exited = once(child, "exit").then(([code]) => code);
  atEnd(() => child.kill("SIGKILL"));
  return { child, exited, output: () => output };
}
