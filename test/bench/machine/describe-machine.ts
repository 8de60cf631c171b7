import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, platform, release, totalmem } from "node:os";

export type Machine = Readonly<{
  cores: number;
  cpuModel: string;
  memoryGb: number;
  system: string;
  node: string;
  postgres: string;
  redis: string | null;
}>;

/** @param redisProgram undefined without a Redis server */
export function describeMachine(postgres: string, redisProgram: string | undefined): Machine {
  return {
    cores: availableParallelism(),
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres,
    redis: redisProgram === undefined ? null : redisVersion(redisProgram),
  };
}

function redisVersion(program: string): string {
  const text = execFileSync(program, ["--version"], { encoding: "utf8" });
  return /v=(\S+)/.exec(text)?.[1] ?? "unknown";
}
