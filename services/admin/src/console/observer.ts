// Looks at the installation for those who watch: every part of it in a loop of its own, so that one that is slow or gone
// keeps no other waiting. What cannot be asked is said to be not known since then, and what is shown stays as it was. While
// nobody watches, only what must not have gaps is asked for: what processes count, how many orders are pending, and
// whether PostgreSQL and the queues are there.
import type { Db } from "@onsale/database/client";
import { summarisePending } from "@onsale/database/statements/allocation/summarise-pending";
import { oldestUndeliveredAge } from "@onsale/database/statements/deliveries/oldest-undelivered";
import { listProcesses } from "@onsale/database/statements/operations/list-processes";
import { summariseWebhooks } from "@onsale/database/statements/webhooks/summarise-webhooks";
import type { Boards, QueueState } from "@onsale/queue/boards";
import type { Display } from "./display.ts";
import type { EventBoard } from "./event-board.ts";
import { createInstallation } from "./installation.ts";
import type { Health, Pending, QueueLine } from "./messages.ts";
import { repeat } from "./repeat.ts";
import type { Watchers } from "./watchers.ts";

const intervals = { processes: 1_000, events: 500, ranking: 5_000, pending: 1_000, queues: 2_000, webhooks: 2_000 };
/** Four messages a second at most. */
const tellMs = 250;
/** A queue that does not answer for so long is gone. */
const queueAnswerMaxMs = 3_000;

type ObserverParts = Readonly<{ db: Db; boards: Boards; events: EventBoard; display: Display; watchers: Watchers }>;

/** @param onError told what could not be asked, and why */
export function startObserver(
  parts: ObserverParts,
  onError: (error: Error, part: string) => void,
): { close: () => Promise<void> } {
  const { db, boards, events, display, watchers } = parts;
  const installation = createInstallation();
  const health = createHealth(display);
  let pending: Pending | undefined;

  /** Asks, and notes whether there was an answer. The processes, which are little to ask for, say it of all PostgreSQL. */
  const asking = (part: keyof Health, ask: () => Promise<void>) => async (): Promise<void> => {
    try {
      await ask();
      health.isThere(part);
    } catch (error) {
      health.isGone(part);
      onError(error instanceof Error ? error : new Error(String(error)), part);
    }
  };
  const isWatched = () => watchers.count() > 0;

  const readProcesses = async () => {
    installation.take(await listProcesses(db));
    const totals = installation.totals();
    display.set("processes", installation.processes());
    display.set("totals", totals);
    display.addPoint({
      atMs: Date.now(),
      acceptedPerSecond: totals.accepted.perSecond,
      decidedPerSecond: totals.decided.perSecond,
      ...{ p50: totals.p50, p95: totals.p95, p99: totals.p99 },
      pending: health.isKnown("pending") ? (pending?.count ?? null) : null,
    });
  };
  const readPending = async () => {
    pending = await summarisePending(db);
    display.set("pending", pending);
  };
  const readWebhooks = async () => {
    const [summary, oldestUndeliveredSeconds] = await Promise.all([summariseWebhooks(db), oldestUndeliveredAge(db)]);
    const endpoints = summary.endpoints.map((endpoint) => ({
      ...endpoint,
      failingSince: endpoint.failingSince?.toISOString() ?? null,
    }));
    display.set("webhooks", {
      ...summary,
      endpoints,
      oldestUndeliveredSeconds,
      attempts: installation.webhookAttempts(),
    });
  };
  const readQueues = async () => {
    if (!isWatched()) return answerOf(boards.check());
    display.set("queues", (await answerOf(boards.readStates())).map(presentQueue));
  };

  const readEvents = async () => display.setEvents(await events.read(watchers.eventIds()));
  const rankEvents = async () => display.set("busiest", await events.rank());

  const loops = [
    repeat(intervals.processes, asking("database", readProcesses)),
    repeat(intervals.pending, asking("pending", readPending)),
    repeat(intervals.queues, asking("queues", readQueues)),
    repeat(intervals.ranking, asking("ranking", rankEvents), isWatched),
    repeat(intervals.events, asking("events", readEvents), isWatched),
    repeat(intervals.webhooks, asking("webhooks", readWebhooks), isWatched),
  ];
  const telling = repeat(tellMs, async () => watchers.tell());
  return {
    close: async () => {
      await Promise.all([telling, ...loops].map((loop) => loop.close()));
    },
  };
}

/** A Redis that is gone without a word must not keep the loop. */
async function answerOf<T>(question: Promise<T>): Promise<T> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the queues do not answer")), queueAnswerMaxMs);
  try {
    return await Promise.race([question, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Since when each part has not been known: since it was last. */
function createHealth(display: Display) {
  const well = { since: null };
  let health: Health = {
    ...{ database: well, queues: well, pending: well, events: well, ranking: well, webhooks: well },
  };
  const knownAtMs = new Map<keyof Health, number>();
  const note = (part: keyof Health, since: number | null) => {
    health = { ...health, [part]: { since } };
    display.set("health", health);
  };
  return {
    isThere: (part: keyof Health) => {
      knownAtMs.set(part, Date.now());
      note(part, null);
    },
    isGone: (part: keyof Health) => note(part, knownAtMs.get(part) ?? health[part].since ?? Date.now()),
    isKnown: (part: keyof Health) => health[part].since === null,
  };
}

function presentQueue({ name, isPaused, counts }: QueueState): QueueLine {
  const { wait = 0, waiting = wait, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
  return { name, isPaused, waiting: waiting + prioritized, active, delayed, failed };
}
