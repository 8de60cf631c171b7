// Reads the CPU time and memory of processes from Linux's /proc. Other systems have no such figures.
import { readdirSync, readFileSync } from "node:fs";
import type { Role } from "../names.ts";
import type { MeasuredProcess } from "./processes.ts";

/** A clock tick of /proc: 100 a second on every architecture that Node runs on. */
const tickMs = 10;

type Stat = Readonly<{ parent: number; cpuMs: number; waitedForMs: number }>;

/** The CPU time in ms that each role has used so far. */
export type CpuTimes = ReadonlyMap<Role, number>;

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The process name, before the last parenthesis, may contain spaces and parentheses.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [parent = 0, user = 0, system = 0, childUser = 0, childSystem = 0] = [1, 11, 12, 13, 14].map(
      (i) => fields[i],
    );
    return { parent, cpuMs: (user + system) * tickMs, waitedForMs: (childUser + childSystem) * tickMs };
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => readStat(pid)?.parent === parent);
}

/** The parent of a process; undefined where there is no /proc. */
export function parentOf(pid: number): number | undefined {
  return readStat(pid)?.parent;
}

/**
 * The CPU time of each role. PostgreSQL's is that of its server process and all children, including those that have
 * ended, whose time Linux adds to the parent.
 */
export function readCpuTimes(processes: readonly MeasuredProcess[]): CpuTimes {
  const times = new Map<Role, number>();
  for (const { role, pid } of processes) {
    const own = readStat(pid);
    if (own === undefined) continue;
    const family =
      role === "postgres" ? own.waitedForMs + sum(childrenOf(pid).map((child) => readStat(child)?.cpuMs ?? 0)) : 0;
    times.set(role, (times.get(role) ?? 0) + own.cpuMs + family);
  }
  return times;
}

/** The CPU time of this process and of its ended children. */
export function readOwnCpuMs(): number | undefined {
  const own = readStat(process.pid);
  return own === undefined ? undefined : own.cpuMs + own.waitedForMs;
}

/** The CPU time that all processes of the machine have used, and that other virtual machines took from it. */
export function readMachineCpu(): Readonly<{ busyMs: number; stolenMs: number }> | undefined {
  try {
    const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = line
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return { busyMs: (user + nice + system + irq + softIrq) * tickMs, stolenMs: stolen * tickMs };
  } catch {
    return undefined;
  }
}

/**
 * Resident memory by role in MB: of each process so far its peak or what it has now, but of PostgreSQL, whose processes
 * share memory, always the current Pss.
 */
export function readMemory(processes: readonly MeasuredProcess[], when: "peak" | "now"): ReadonlyMap<Role, number> {
  const memory = new Map<Role, number>();
  for (const { role, pid } of processes) {
    const kb =
      role === "postgres"
        ? sum([pid, ...childrenOf(pid)].map((one) => readKb(one, "smaps_rollup", "Pss")))
        : readKb(pid, "status", when === "peak" ? "VmHWM" : "VmRSS");
    if (kb > 0) memory.set(role, (memory.get(role) ?? 0) + kb / 1_024);
  }
  return memory;
}

function readKb(pid: number, file: "status" | "smaps_rollup", field: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, "utf8");
    return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
