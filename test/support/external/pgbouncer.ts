import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../cleanup.ts";
import { until } from "../until.ts";

type PoolerOptions = Readonly<{
  mode: "session" | "transaction";
  /** Start-up parameters of clients that it drops; it refuses others that it does not know. */
  ignoredParameters?: readonly string[];
}>;

/** Starts PgBouncer before a server, and returns the URL for its clients; it is ended as cleanup.ts says. */
export async function startPgBouncer(serverUrl: string, options: PoolerOptions): Promise<string> {
  const { mode, ignoredParameters = [] } = options;
  const url = new URL(serverUrl);
  const folder = mkdtempSync(join(tmpdir(), "onsale-pgbouncer-"));
  chmodSync(folder, 0o755);
  const port = await findFreePort();
  const users = join(folder, "users.txt");
  const settings: Readonly<Record<string, string>> = {
    listen_addr: "127.0.0.1",
    listen_port: String(port),
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: users,
    pool_mode: mode,
    ignore_startup_parameters: ignoredParameters.join(","),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const server = `* = host=${url.hostname} port=${url.port}`;
  const file = join(folder, "pgbouncer.ini");
  writeFileSync(users, `"${url.username}" "${url.password}"\n`);
  writeFileSync(file, ["[databases]", server, "[pgbouncer]", ...lines, ""].join("\n"));
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  const pooler = spawn("pgbouncer", [...user, file], { stdio: "ignore" });
  const exited = once(pooler, "exit");
  atEnd(async () => {
    pooler.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  await until("PgBouncer listens", async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
    return true;
  });
  url.port = String(port);
  return url.href;
}
