// Injects faults as the seed draws them: at most one of each group at a time. Each kind comes once before any of its
// group comes again, so that a short run has most of them.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../demo/crowd.ts";
import type { Stack } from "../stack/stack.ts";
import { diskFaults } from "./disk-faults.ts";
import { type FaultKind, faultGroups } from "./fault.ts";
import { clientNetworkFaults, postgresNetworkFaults, redisNetworkFaults } from "./network-faults.ts";
import { postgresFaults } from "./postgres-faults.ts";
import { processFaults } from "./process-faults.ts";
import { redisFaults } from "./redis-faults.ts";

/** A fault that was injected. */
export type Injected = Pick<FaultKind, "name" | "delaysHolds"> &
  Readonly<{
    /** By `performance.now()`: when it began, and when all that it hit was there again. */
    beganMs: number;
    healedMs: number;
    /** How many things it hit. */
    hits: number;
    /** Why it failed to be injected. */
    error: string | undefined;
  }>;

export type Nemesis = Readonly<{
  injected: readonly Injected[];
  /** The faults of this moment. */
  current: () => readonly string[];
  /** Begins no further fault, and resolves when the last one is healed. */
  stop: () => Promise<void>;
}>;

/** A process starts within a second: kills come so many times as often as other faults. */
const killsPerFault = 4;
/** The shortest and the longest pause, as parts of the average one. */
const pauseMin = 0.2;
const pauseMax = 1.8;

const ofRedis = [...redisFaults, ...redisNetworkFaults];

/** The faults that can hurt a stack. */
export function faultsFor({ redis, walDisk }: Pick<Stack, "redis" | "walDisk">): readonly FaultKind[] {
  return [
    ...processFaults,
    ...postgresFaults,
    ...postgresNetworkFaults,
    ...clientNetworkFaults,
    ...(walDisk === undefined ? [] : diskFaults),
    ...(redis === undefined ? [] : ofRedis),
  ];
}

/** The names of the faults that are known, but that cannot hurt this stack. */
export function missingFaults({ redis, walDisk }: Pick<Stack, "redis" | "walDisk">): readonly string[] {
  const missing = [...(walDisk === undefined ? diskFaults : []), ...(redis === undefined ? ofRedis : [])];
  return missing.map(({ name }) => name);
}

type NemesisOptions = Readonly<{
  seed: number;
  kinds: readonly FaultKind[];
  /** From a fault to the next one of its group, on average; a fourth of it for kills. */
  pauseSeconds: number;
}>;

/** Begins to hurt the stack. */
export function startNemesis(stack: Stack, { seed, kinds, pauseSeconds }: NemesisOptions): Nemesis {
  const stopping = new AbortController();
  const injected: Injected[] = [];
  const current = new Set<string>();

  async function inject({ name, delaysHolds, inject: hurt }: FaultKind, random: () => number): Promise<void> {
    const drawMs = (minMs: number, maxMs: number) => Math.round(minMs + random() * (maxMs - minMs));
    const beganMs = performance.now();
    current.add(name);
    const outcome = await hurt({ stack, random, drawMs }).then(
      (hits) => ({ hits, error: undefined }),
      (error: unknown) => ({ hits: 0, error: String(error) }),
    );
    current.delete(name);
    injected.push({ name, delaysHolds, beganMs, healedMs: performance.now(), ...outcome });
  }

  async function run(own: readonly FaultKind[], averageMs: number, random: () => number): Promise<void> {
    const pause = () => {
      const pauseMs = averageMs * (pauseMin + random() * (pauseMax - pauseMin));
      return delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    };
    let deck: FaultKind[] = [];
    for (await pause(); own.length > 0 && !stopping.signal.aborted; await pause()) {
      if (deck.length === 0) deck = shuffle(own, random);
      const kind = deck.pop();
      if (kind !== undefined) await inject(kind, random);
    }
  }

  const running = Promise.all(
    faultGroups.map((group, index) => {
      const own = kinds.filter((kind) => kind.group === group);
      const averageMs = (1_000 * pauseSeconds) / (group === "kills" ? killsPerFault : 1);
      return run(own, averageMs, randomOf(seed, -20 - index));
    }),
  );
  return {
    injected,
    current: () => [...current],
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function shuffle<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}
