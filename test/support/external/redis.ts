import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../cleanup.ts";
import { isSpared, redisServer } from "../config.ts";
import { untilTrue } from "../until.ts";

/** A Redis for one test, without persistence. */
export type TestRedis = Readonly<{
  url: string;
  port: number;
  /** Ends the server; everything in it is lost. */
  stop: () => Promise<void>;
  /** Starts it again on the same port. */
  start: () => Promise<void>;
  /** Stops the server's execution: it takes connections and answers nothing, until its end. */
  freeze: () => void;
  /** Lets it go on. */
  thaw: () => void;
  /** Runs one command and returns the raw answer. */
  command: (...parts: string[]) => Promise<string>;
}>;

/** Sends one command over a new connection. */
function send(port: number, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.write(`*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join("")}`);
  });
}

/** Starts a Redis on a free port; it is ended as cleanup.ts says. */
export async function startRedis(...options: string[]): Promise<TestRedis> {
  const program = redisServer();
  if (program === undefined)
    throw new Error("no redis-server; a test that needs one must be skipped with `withoutRedisServer`");
  const folder = mkdtempSync(join(tmpdir(), "onsale-redis-"));
  const port = await findFreePort();
  let server: ChildProcess | undefined;

  const start = async () => {
    const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    server = spawn(program, [...flags, ...options], { stdio: "ignore", detached: isSpared });
    await untilTrue("Redis answers", async () => (await send(port, ["PING"])).startsWith("+PONG"));
  };
  const stop = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  };
  const freeze = () => void server?.kill("SIGSTOP");
  const thaw = () => void server?.kill("SIGCONT");
  atEnd(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop,
    start,
    freeze,
    thaw,
    command: (...parts) => send(port, parts),
  };
}

export type TestRedisCluster = Readonly<{
  /** The URLs of all nodes with commas between. */
  url: string;
  nodes: readonly [TestRedis, TestRedis, TestRedis];
}>;

const ofCluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"] as const;

/** Starts a Redis Cluster of three masters. */
export async function startRedisCluster(...options: string[]): Promise<TestRedisCluster> {
  const startNode = () => startRedis(...ofCluster, ...options);
  const nodes = await Promise.all([startNode(), startNode(), startNode()]);
  const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
  execFileSync("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"], { stdio: "ignore" });
  await untilTrue("the cluster is complete", async () => {
    const states = await Promise.all(nodes.map((node) => node.command("CLUSTER", "INFO")));
    return states.every((state) => state.includes("cluster_state:ok"));
  });
  return { url: nodes.map((node) => node.url).join(","), nodes };
}

/** Starts a Redis that follows one of a cluster's masters. */
export async function startRedisReplica({ nodes }: TestRedisCluster, ...options: string[]): Promise<TestRedis> {
  const replica = await startRedis(...ofCluster, ...options);
  const [own, other] = [replica, nodes[0]].map(({ port }) => `127.0.0.1:${port}`);
  execFileSync("redis-cli", ["--cluster", "add-node", `${own}`, `${other}`, "--cluster-slave"], { stdio: "ignore" });
  await untilTrue("it follows a master", async () => (await replica.command("ROLE")).includes("slave"));
  return replica;
}
