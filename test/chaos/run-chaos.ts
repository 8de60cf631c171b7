// Sells under load while everything fails, lets the installation come to rest, and checks all of it.
import { setTimeout as delay } from "node:timers/promises";
import { randomOf } from "../demo/crowd.ts";
import type { Fault } from "../support/faults.ts";
import { checkRun } from "./check/check-run.ts";
import type { Facts, Outage } from "./facts.ts";
import { createHistory, type History } from "./history.ts";
import { measureCapacity } from "./load/capacity.ts";
import { createChaosClient } from "./load/client.ts";
import { type Crowd, startCrowd } from "./load/crowd.ts";
import { createSaleEvents } from "./load/sale-events.ts";
import type { FaultKind } from "./nemesis/fault.ts";
import { faultsFor, type Injected, missingFaults, type Nemesis, startNemesis } from "./nemesis/nemesis.ts";
import { putOffHolds, readFacts, untilSettled } from "./read-facts.ts";
import { type BackendName, type Stack, startStack } from "./stack/stack.ts";

export type RoundOptions = Readonly<{
  seconds: number;
  seed: number;
  /** Buyers a second; undefined for a share of what the installation can serve, which is measured first. */
  rate: number | undefined;
  /** The part of the buyers who never ask what became of their order; the others do all that buyers do. */
  leaverShare?: number;
  /** From a fault to the next one of its group, on average; a fourth of it for kills. */
  pauseSeconds?: number;
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
  begin: (running: Readonly<{ history: History; crowd: Crowd; nemesis: Nemesis; rate: number }>) => void;
}>;

export type ChaosResult = Readonly<{
  options: Pick<ChaosOptions, "backend" | "seconds" | "seed"> &
    Readonly<{ rate: number; pauseSeconds: number; leaverShare: number }>;
  /** By `performance.now()`. */
  beganMs: number;
  endedMs: number;
  calls: History["calls"];
  facts: Facts;
  injected: readonly Injected[];
  /** Every fault that could have been drawn. */
  faultNames: readonly string[];
  /** Those that need what this machine or this kind of queues does not have. */
  missingFaultNames: readonly string[];
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

const pauseUsualSeconds = 4;
const measureSeconds = 15;
const shareOfCapacity = 0.6;
/** After the last fault, buyers still come for so long. */
const calmMs = 4_000;
/** Longer than any retry of a webhook, and any takeover. */
const settleUsualMs = 120_000;
/** Webhooks may lag behind for a part of the run. */
const lagPart = 0.3;

/** Starts everything and runs one round; what it starts is ended as cleanup.ts says. */
export async function runChaos(options: ChaosOptions, progress: ChaosProgress): Promise<ChaosResult> {
  const { backend, seed, folder } = options;
  progress.phase("starting PostgreSQL, Redis and the services");
  const stack = await startStack({ backend, random: randomOf(seed, -4), folder });
  return runRound(stack, options, progress);
}

/** Sells on a stack that runs, and checks the orders of this round. */
export async function runRound(stack: Stack, options: RoundOptions, progress: ChaosProgress): Promise<ChaosResult> {
  const { seconds, seed, pauseSeconds = pauseUsualSeconds, leaverShare = 0, choose = () => true } = options;
  const receivedBefore = stack.receiver.facts.length;
  const { stage, events, allEvents, rate } = await openSales(stack, options, progress);
  const { history } = stage;
  const kinds = faultsFor(stack).filter(choose);
  const beganMs = performance.now();
  const crowd = startCrowd({ stage, events, seed, rate, seconds });
  const nemesis = startNemesis(stack, { seed, kinds, pauseSeconds });
  progress.begin({ history, crowd, nemesis, rate });
  await sell(options, { crowd, nemesis, hasFaults: kinds.length > 0 }, progress);
  const endedMs = performance.now();

  progress.phase("waiting until all work is done");
  const { settleWithinMs = settleUsualMs } = options;
  const isSettled = await untilSettled(stack.db, settleWithinMs, settleWithinMs + 1_000 * seconds * lagPart);
  const settledAfterMs = performance.now() - endedMs;
  await putOffHolds(stack.db);
  const facts = await readFacts({
    db: stack.db,
    gateway: stage.client.gateways[0],
    eventCodes: allEvents.map(({ code }) => code),
    received: () => stack.receiver.facts.slice(receivedBefore),
    outages: outagesOf(nemesis.injected),
    cancelledEvents: crowd.cancelled,
    plentyEvents: allEvents.flatMap(({ code, kind }) => (kind.isPlenty ? code : [])),
    showTask: progress.phase,
  });
  progress.phase("checking");
  return {
    options: {
      backend: stack.redis === undefined ? "postgres" : "redis",
      seconds,
      seed,
      rate,
      pauseSeconds,
      leaverShare,
    },
    beganMs,
    endedMs,
    calls: history.calls,
    facts,
    injected: nemesis.injected,
    faultNames: kinds.map(({ name }) => name),
    missingFaultNames: missingFaults(stack),
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

/** Creates the events that sell under faults. Where no pace is given, others sell first, to measure it. */
async function openSales(stack: Stack, options: RoundOptions, progress: ChaosProgress) {
  const { seconds, seed, prefix = "CHAOS", leaverShare = 0 } = options;
  const history = createHistory();
  const client = createChaosClient(stack.gatewayUrls, history, randomOf(seed, -5));
  const stage = { client, history, urls: stack.gatewayUrls, db: stack.db, leaverShare };
  const open = (codes: string, buyerCount: number) => createSaleEvents(client.gateways[0], codes, buyerCount);

  if (options.rate !== undefined) {
    const events = await open(prefix, options.rate * seconds);
    return { stage, events, allEvents: events, rate: options.rate };
  }
  progress.phase("measuring how many buyers a second the installation serves");
  const calmEvents = await open(`${prefix}-CALM`, 0);
  const capacity = await measureCapacity({ stage, events: calmEvents, seed, seconds: measureSeconds });
  const rate = Math.ceil(shareOfCapacity * capacity);
  const events = await open(prefix, rate * seconds);
  return { stage, events, allEvents: [...calmEvents, ...events], rate };
}

/** Lets people buy under faults, and for a moment after the last one. */
async function sell(
  { seconds, stop }: RoundOptions,
  { crowd, nemesis, hasFaults }: Readonly<{ crowd: Crowd; nemesis: Nemesis; hasFaults: boolean }>,
  progress: ChaosProgress,
): Promise<void> {
  progress.phase("selling");
  await delay(seconds * 1_000, undefined, stop === undefined ? {} : { signal: stop }).catch(() => undefined);
  progress.phase("healing");
  await nemesis.stop();
  if (hasFaults) await delay(calmMs);
  await crowd.stop();
}

/** The times in which holds may have been kept from their ends. */
function outagesOf(injected: readonly Injected[]): readonly Outage[] {
  return injected
    .filter(({ delaysHolds, hits, error }) => delaysHolds && (hits > 0 || error !== undefined))
    .map(({ beganMs, healedMs }) => ({
      fromMs: performance.timeOrigin + beganMs,
      toMs: performance.timeOrigin + healedMs,
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
}
