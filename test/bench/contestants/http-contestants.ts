// How each contestant that speaks HTTP is started.
import { join } from "node:path";
import { findFreePort } from "@onsale/standalone/free-port";
import { cleanEnvironment } from "../../support/config.ts";
import { type MeasuredProcess, type Program, startProgram } from "../machine/processes.ts";
import { type RedisServer, startRedisServer } from "../machine/redis-server.ts";
import type { ContestantName } from "../names.ts";
import type { Arena, HttpContestant, RunningContestant } from "./contestant.ts";

const programsFolder = join(import.meta.dirname, "..", "programs");
const servicesFolder = join(import.meta.dirname, "..", "..", "..", "services");
const usualPoolSize = 16;

export const httpContestants: readonly HttpContestant[] = [
  { name: "echo", orders: null, start: () => startServer("echo", {}) },
  { name: "ceiling", orders: null, start: () => startServer("ceiling", {}) },
  synchronous("synchronous-pessimistic"),
  synchronous("synchronous-optimistic"),
  onsale("onsale-postgres", 1, "postgres"),
  onsale("onsale-postgres-2x2", 2, "postgres"),
  onsale("onsale-redis", 1, "redis"),
  onsale("onsale-redis-2x2", 2, "redis"),
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

/** @param count gateways, and as many workers */
function onsale(name: ContestantName, count: number, queues: "postgres" | "redis"): HttpContestant {
  const start = async ({ server, redisProgram }: Arena, databaseUrl: string): Promise<RunningContestant> => {
    const programs: Program[] = [];
    let redis: RedisServer | undefined;
    const stop = async () => {
      await Promise.all(programs.map((program) => program.stop()));
      await redis?.stop();
    };
    try {
      if (queues === "redis") {
        if (redisProgram === undefined) throw new Error(`${name} needs a redis-server`);
        redis = await startRedisServer(redisProgram);
      }
      const port = await findFreePort();
      const environment = {
        ...cleanEnvironment(),
        ...{ LOG_LEVEL: "warn", AUTH: "off", METRICS_PORT: "0", DATABASE_URL: databaseUrl, PORT: String(port) },
        ...(count > 1 ? { SHARE_PORT: "on" } : {}),
        ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      };
      const startService = (service: string) =>
        startProgram(join(servicesFolder, service, "src", "main.ts"), environment).then((program) => {
          programs.push(program);
          return program.pid;
        });
      const times = Array.from({ length: count });
      const [gateways, workers] = await Promise.all([
        Promise.all(times.map(() => startService("gateway"))),
        Promise.all(times.map(() => startService("worker"))),
      ]);
      const processes: MeasuredProcess[] = [
        ...gateways.map((pid) => ({ role: "gateway", pid }) as const),
        ...workers.map((pid) => ({ role: "worker", pid }) as const),
        ...(redis === undefined ? [] : [{ role: "redis", pid: redis.pid } as const]),
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
