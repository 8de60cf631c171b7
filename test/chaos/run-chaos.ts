// Sells under load while everything fails, lets the installation come to rest, and checks all of it.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../demo/crowd.ts";
import type { Fault } from "../support/faults.ts";
import { checkRun } from "./check/check-run.ts";
import type { Facts, Outage } from "./facts.ts";
import { createHistory, type History } from "./history.ts";
import { createChaosClient } from "./load/client.ts";
import { type Crowd, startCrowd } from "./load/crowd.ts";
import { createSaleEvents } from "./load/sale-events.ts";
import type { FaultKind } from "./nemesis/fault.ts";
import { faultsFor, type Injected, type Nemesis, startNemesis } from "./nemesis/nemesis.ts";
import { putOffHolds, readFacts, untilSettled } from "./read-facts.ts";
import { type BackendName, type Stack, startStack } from "./stack/stack.ts";

export type RoundOptions = Readonly<{
  seconds: number;
  seed: number;
  /** Buyers a second. */
  rate: number;
  /** The codes of the round's events begin with it. */
  prefix?: string;
  /** Which faults are injected; all by default. */
  choose?: (kind: FaultKind) => boolean;
  /** How long the installation may need to do all work, after the last fault. */
  settleWithinMs?: number;
  /** Ends the load early; the checks follow. */
  stop?: AbortSignal;
}>;

export type ChaosOptions = RoundOptions &
  Readonly<{
    backend: BackendName;
    /** Gets the services' logs; it exists. */
    folder: string;
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
/** Longer than any retry of a webhook, and any takeover. */
const settleUsualMs = 120_000;

/** Starts everything and runs one round; what it starts is ended as cleanup.ts says. */
export async function runChaos(options: ChaosOptions, progress: ChaosProgress): Promise<ChaosResult> {
  const { backend, seed, folder } = options;
  progress.phase("starting PostgreSQL, Redis and the services");
  const stack = await startStack({ backend, random: randomOf(seed, -4), folder });
  return runRound(stack, options, progress);
}

/** Sells on a stack that runs, and checks the orders of this round. */
export async function runRound(stack: Stack, options: RoundOptions, progress: ChaosProgress): Promise<ChaosResult> {
  const { seconds, seed, rate, prefix = "CHAOS", settleWithinMs = settleUsualMs, stop, choose = () => true } = options;
  const history = createHistory();
  const client = createChaosClient(stack.gatewayUrls, history, randomOf(seed, -5));
  const receivedBefore = stack.receiver.facts.length;
  const events = await createSaleEvents(client.gateways[0], prefix);

  const beganMs = performance.now();
  const stage = { client, history, urls: stack.gatewayUrls, db: stack.db };
  const crowd = startCrowd({ stage, events, seed, rate, seconds });
  const kinds = faultsFor(stack).filter(choose);
  const nemesis = startNemesis(stack, seed, kinds);
  progress.begin({ history, crowd, nemesis });
  progress.phase("selling");
  await delay(seconds * 1_000, undefined, stop === undefined ? {} : { signal: stop }).catch(() => undefined);
  progress.phase("healing");
  await nemesis.stop();
  if (kinds.length > 0) await delay(calmMs);
  await crowd.stop();
  const endedMs = performance.now();
  progress.phase("waiting until all work is done");
  const isSettled = await untilSettled(stack.db, settleWithinMs);
  const settledAfterMs = performance.now() - endedMs;
  await putOffHolds(stack.db);
  const facts = await readFacts({
    db: stack.db,
    gateway: client.gateways[0],
    eventCodes: events.map(({ code }) => code),
    received: () => stack.receiver.facts.slice(receivedBefore),
    outages: nemesis.injected.map(outageOf),
    cancelledEvents: crowd.cancelled,
    plentyEvents: events.flatMap(({ code, kind }) => (kind.isPlenty ? code : [])),
    showTask: progress.phase,
  });
  progress.phase("checking");
  return {
    options: { backend: stack.redis === undefined ? "postgres" : "redis", seconds, seed, rate },
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

/** Every fault can keep a hold from its end. */
function outageOf({ beganMs, healedMs }: Injected): Outage {
  return { fromMs: performance.timeOrigin + beganMs, toMs: performance.timeOrigin + healedMs };
}
