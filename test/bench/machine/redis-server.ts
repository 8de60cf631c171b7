import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { untilTrue } from "../../support/until.ts";

/** One Redis, or the masters of a cluster. */
export type RedisServers = Readonly<{
  /** The value for REDIS_URL: the URLs with commas between. */
  url: string;
  pids: readonly number[];
  stop: () => Promise<void>;
}>;

type Node = Readonly<{ port: number; pid: number; stop: () => Promise<void> }>;

/** Starts Redis servers without persistence, because Onsale keeps nothing important in Redis (README.md). */
export async function startRedis(program: string, masterCount: number): Promise<RedisServers> {
  const nodes: Node[] = [];
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (let n = 0; n < masterCount; n++) nodes.push(await startNode(program, masterCount > 1));
    if (masterCount > 1) await formCluster(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(","),
    pids: nodes.map(({ pid }) => pid),
    stop,
  };
}

async function startNode(program: string, isInCluster: boolean): Promise<Node> {
  const folder = mkdtempSync(join(tmpdir(), "onsale-bench-redis-"));
  const port = await findFreePort();
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn(program, [...flags, ...(isInCluster ? ["--cluster-enabled", "yes"] : [])], {
    stdio: "ignore",
    detached: true,
  });
  const exited = once(server, "exit");
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilTrue("Redis answers", async () => (await ask(port, "PING")).startsWith("+PONG"));
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, pid: server.pid ?? 0, stop };
}

/** Needs the `redis-cli` that comes with the server. */
async function formCluster(nodes: readonly Node[]): Promise<void> {
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"], { stdio: "ignore" });
  await untilTrue("the cluster is complete", async () => {
    const states = await Promise.all(nodes.map(({ port }) => ask(port, "CLUSTER INFO")));
    return states.every((state) => state.includes("cluster_state:ok"));
  });
}

/** @returns the beginning of the raw answer; empty when the connection fails */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`));
    socket.once("error", () => resolve(""));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}
