// Starts the contestants that serve HTTP.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { cleanEnvironment } from "../../support/config.ts";
import { type MeasuredProcess, type Program, startProgram } from "../machine/processes.ts";
import { type RedisServers, startRedis } from "../machine/redis-server.ts";
import type { ContestantName } from "../names.ts";
import type { Arena, HttpContestant, RunningContestant } from "./contestant.ts";

const programsFolder = join(import.meta.dirname, "..", "programs");
const servicesFolder = join(import.meta.dirname, "..", "..", "..", "services");
const usualPoolSize = 16;
/** Of the customers of events with limits. */
const customerKey = randomBytes(32).toString("base64");

export const httpContestants: readonly HttpContestant[] = [
  { name: "echo", orders: null, start: () => startServer("echo", {}) },
  { name: "ceiling", orders: null, start: () => startServer("ceiling", {}) },
  synchronous("synchronous-pessimistic"),
  synchronous("synchronous-optimistic"),
  onsale("onsale-postgres", { gateways: 1, workers: 1, redisMasters: 0 }),
  onsale("onsale-postgres-2x2", { gateways: 2, workers: 2, redisMasters: 0 }),
  onsale("onsale-redis", { gateways: 1, workers: 1, redisMasters: 1 }),
  onsale("onsale-redis-2x2", { gateways: 2, workers: 2, redisMasters: 1 }),
  onsale("onsale-postgres-1x2", { gateways: 1, workers: 2, redisMasters: 0 }),
  onsale("onsale-postgres-1x4", { gateways: 1, workers: 4, redisMasters: 0 }),
  onsale("onsale-redis-cluster", { gateways: 1, workers: 1, redisMasters: 3 }),
];

export function findHttpContestant(name: ContestantName): HttpContestant {
  const found = httpContestants.find((contestant) => contestant.name === name);
  if (found === undefined) throw new Error(`${name} does not speak HTTP`);
  return found;
}

async function startServer(
  name: "echo" | "ceiling" | "synchronous-pessimistic" | "synchronous-optimistic",
  environment: Readonly<Record<string, string>>,
): Promise<RunningContestant> {
  const file = join(programsFolder, `${name}.ts`);
  const { pid, ready, stop } = await startProgram(file, { ...cleanEnvironment(), ...environment });
  return { port: Number(new URL(ready).port), processes: [{ role: "server", pid }], stop };
}

function synchronous(name: "synchronous-pessimistic" | "synchronous-optimistic"): HttpContestant {
  const start = async ({ poolSizes, server }: Arena, databaseUrl: string) => {
    const POOL_SIZE = String(poolSizes.get(name) ?? usualPoolSize);
    const running = await startServer(name, { DATABASE_URL: databaseUrl, POOL_SIZE });
    return { ...running, processes: [...running.processes, ...postgresProcess(server.pid)] };
  };
  return { name, orders: "lean", start };
}

/** With 0 Redis masters the queues are in PostgreSQL; several masters are a cluster. */
type Size = Readonly<{ gateways: number; workers: number; redisMasters: number }>;

function onsale(name: ContestantName, { gateways, workers, redisMasters }: Size): HttpContestant {
  const start = async ({ server, redisProgram }: Arena, databaseUrl: string): Promise<RunningContestant> => {
    const programs: Program[] = [];
    let redis: RedisServers | undefined;
    const stop = async () => {
      await Promise.all(programs.map((program) => program.stop()));
      await redis?.stop();
    };
    try {
      if (redisMasters > 0) {
        if (redisProgram === undefined) throw new Error(`${name} needs a redis-server`);
        redis = await startRedis(redisProgram, redisMasters);
      }
      const port = await findFreePort();
      const environment = {
        ...cleanEnvironment(),
        LOG_LEVEL: "warn",
        AUTH: "off",
        METRICS_PORT: "0",
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        CUSTOMER_KEY: customerKey,
        ...(gateways > 1 ? { SHARE_PORT: "on" } : {}),
        ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      };
      const startServices = (role: "gateway" | "worker", count: number) =>
        Array.from({ length: count }, async (): Promise<MeasuredProcess> => {
          const program = await startProgram(join(servicesFolder, role, "src", "main.ts"), environment);
          programs.push(program);
          return { role, pid: program.pid };
        });
      const services = await Promise.all([...startServices("gateway", gateways), ...startServices("worker", workers)]);
      const processes: MeasuredProcess[] = [
        ...services,
        ...(redis?.pids ?? []).map((pid) => ({ role: "redis", pid }) as const),
        ...postgresProcess(server.pid),
      ];
      return { port, processes, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  };
  return { name, orders: "pipeline", start };
}

function postgresProcess(pid: number | undefined): MeasuredProcess[] {
  return pid === undefined ? [] : [{ role: "postgres", pid }];
}
