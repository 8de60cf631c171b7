// Injects faults as the seed draws them: at most two of the processes and one of the stores at a time. Each kind comes
// once before any comes again, so that a short run has most of them.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../../demo/crowd.ts";
import type { Stack } from "../stack/stack.ts";
import { diskFaults } from "./disk-faults.ts";
import type { FaultKind } from "./fault.ts";
import { postgresNetworkFaults, redisNetworkFaults } from "./network-faults.ts";
import { postgresFaults } from "./postgres-faults.ts";
import { processFaults } from "./process-faults.ts";
import { redisFaults } from "./redis-faults.ts";

/** A fault that was injected. */
export type Injected = Readonly<{
  name: string;
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

const pauseMinMs = 300;
const pauseMaxMs = 2_500;

/** The faults that can hurt a stack. */
export function faultsFor({ redis, walDisk }: Pick<Stack, "redis" | "walDisk">): readonly FaultKind[] {
  return [
    ...processFaults,
    ...postgresFaults,
    ...postgresNetworkFaults,
    ...(walDisk === undefined ? [] : diskFaults),
    ...(redis === undefined ? [] : [...redisFaults, ...redisNetworkFaults]),
  ];
}

/** Begins to hurt the stack. */
export function startNemesis(stack: Stack, seed: number, kinds = faultsFor(stack)): Nemesis {
  const stopping = new AbortController();
  const injected: Injected[] = [];
  const current = new Set<string>();

  async function inject({ name, inject: hurt }: FaultKind, random: () => number): Promise<void> {
    const drawMs = (minMs: number, maxMs: number) => Math.round(minMs + random() * (maxMs - minMs));
    const beganMs = performance.now();
    current.add(name);
    const outcome = await hurt({ stack, random, drawMs }).then(
      (hits) => ({ hits, error: undefined }),
      (error: unknown) => ({ hits: 0, error: String(error) }),
    );
    current.delete(name);
    injected.push({ name, beganMs, healedMs: performance.now(), ...outcome });
  }

  function run(group: FaultKind["group"], laneCount: number, random: () => number): Promise<unknown> {
    const own = kinds.filter((kind) => kind.group === group);
    if (own.length === 0) return Promise.resolve();
    let deck: FaultKind[] = [];
    const runLane = async () => {
      while (!stopping.signal.aborted) {
        if (deck.length === 0) deck = shuffle(own, random);
        const kind = deck.pop();
        if (kind !== undefined) await inject(kind, random);
        await delay(pauseMinMs + random() * (pauseMaxMs - pauseMinMs));
      }
    };
    return Promise.all(Array.from({ length: laneCount }, runLane));
  }

  const running = Promise.all([run("processes", 2, randomOf(seed, -2)), run("stores", 1, randomOf(seed, -3))]);
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
