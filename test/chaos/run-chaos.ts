// Sells under load while everything fails, lets the installation come to rest, and checks all of it.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { randomOf } from "../demo/crowd.ts";
import type { Fault } from "../support/faults.ts";
import { checkRun } from "./check/check-run.ts";
import type { Facts } from "./facts.ts";
import { createHistory, type History } from "./history.ts";
import { createChaosClient } from "./load/client.ts";
import { type Crowd, startCrowd } from "./load/crowd.ts";
import { createSaleEvents } from "./load/sale-events.ts";
import type { FaultKind } from "./nemesis/fault.ts";
import { faultsFor, type Injected, type Nemesis, startNemesis } from "./nemesis/nemesis.ts";
import { putOffHolds, readFacts, untilSettled } from "./read-facts.ts";
import { type BackendName, type Stack, startStack } from "./stack/stack.ts";

export type ChaosOptions = Readonly<{
  backend: BackendName;
  seconds: number;
  seed: number;
  /** Buyers a second. */
  rate: number;
  /** The folder of the report and of the services' logs; it exists. */
  folder: string;
  /** Damages the installation, so that a test can see whether the checks find it. */
  plant?: (db: Db) => Promise<void>;
  /** Which faults are injected; all by default. */
  choose?: (kind: FaultKind) => boolean;
  /** Ends the load early; the checks follow. */
  stop?: AbortSignal;
}>;

/** A run in progress, for its display. */
export type ChaosProgress = Readonly<{
  phase: (text: string) => void;
  begin: (running: Readonly<{ history: History; crowd: Crowd; nemesis: Nemesis }>) => void;
}>;

export type ChaosResult = Readonly<{
  options: Pick<ChaosOptions, "backend" | "seconds" | "seed" | "rate">;
  /** By `performance.now()`. */
  beganMs: number;
  endedMs: number;
  calls: History["calls"];
  facts: Facts;
  injected: readonly Injected[];
  /** Every fault that could have been drawn. */
  faultNames: readonly string[];
  violations: readonly Fault[];
  /** Whether all work was done in time after the last fault. */
  isSettled: boolean;
  /** How long that took, from the end of the load on. */
  settledAfterMs: number;
  changeCount: number;
  turnedAwayCount: number;
  receiverFailureCount: number;
  /** Processes that ended although no fault hit them. */
  unexpectedEnds: readonly string[];
}>;

/** After the last fault, buyers still come for so long. */
const calmMs = 4_000;

/** Runs it; what it starts is ended as cleanup.ts says. */
export async function runChaos(options: ChaosOptions, progress: ChaosProgress): Promise<ChaosResult> {
  const { backend, seconds, seed, rate, folder, plant, stop, choose = () => true } = options;
  progress.phase("starting PostgreSQL, Redis and the services");
  const stack = await startStack({ backend, random: randomOf(seed, -4), logFile: join(folder, "services.log") });
  const history = createHistory();
  const client = createChaosClient(stack.gatewayUrls, history, randomOf(seed, -5));
  const events = await createSaleEvents(client.gateways[0]);
  await plant?.(stack.db);

  const beganMs = performance.now();
  const stage = { client, history, urls: stack.gatewayUrls, db: stack.db };
  const crowd = startCrowd({ stage, events, seed, rate });
  const kinds = faultsFor(stack).filter(choose);
  const nemesis = startNemesis(stack, seed, kinds);
  progress.begin({ history, crowd, nemesis });
  progress.phase("selling");
  await delay(seconds * 1_000, undefined, stop === undefined ? {} : { signal: stop }).catch(() => undefined);
  progress.phase("healing");
  await nemesis.stop();
  await delay(calmMs);
  await crowd.stop();
  const endedMs = performance.now();
  progress.phase("waiting until all work is done");
  const isSettled = await untilSettled(stack.db);
  const settledAfterMs = performance.now() - endedMs;
  await putOffHolds(stack.db);
  const eventCodes = events.map(({ code }) => code);
  const facts = await read(stack, client.gateways[0], eventCodes, nemesis.injected, progress);
  progress.phase("checking");
  return {
    options: { backend, seconds, seed, rate },
    beganMs,
    endedMs,
    calls: history.calls,
    facts,
    injected: nemesis.injected,
    faultNames: kinds.map(({ name }) => name),
    violations: checkRun(history.calls, facts),
    isSettled,
    settledAfterMs,
    changeCount: crowd.changeCount(),
    turnedAwayCount: crowd.turnedAwayCount(),
    receiverFailureCount: stack.receiver.failureCount(),
    unexpectedEnds: stack.victims.flatMap(({ name, unexpectedEnds }) =>
      Array.from({ length: unexpectedEnds() }, () => name),
    ),
  };
}

function read(
  { db, receiver }: Stack,
  gateway: Parameters<typeof readFacts>[0]["gateway"],
  eventCodes: readonly string[],
  injected: readonly Injected[],
  { phase }: ChaosProgress,
): Promise<Facts> {
  const wallMs = performance.timeOrigin;
  // Every fault can keep a hold from its end.
  const outages = injected.map(({ beganMs, healedMs }) => ({ fromMs: wallMs + beganMs, toMs: wallMs + healedMs }));
  return readFacts({ db, gateway, eventCodes, received: () => receiver.facts, outages, showTask: phase });
}
