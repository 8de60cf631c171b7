// Polls the installation for the console. Each part has a loop of its own, so that a part that is slow or unavailable
// does not delay the others; it keeps its last value, and `health` says since when that has not been updated. Without
// clients, only what must have no gaps is polled: the process reports, the pending orders, and whether the queues can
// be reached.
import type { Db } from "@onsale/database/client";
import { oldestUndeliveredAge } from "@onsale/database/statements/deliveries/oldest-undelivered";
import { listProcesses } from "@onsale/database/statements/operations/list-processes";
import { summarisePending } from "@onsale/database/statements/pending/summarise-pending";
import { summariseWebhooks } from "@onsale/database/statements/webhooks/summarise-webhooks";
import { startLoop } from "@onsale/lifecycle/loop";
import type { Boards, QueueState } from "@onsale/queue/boards";
import type { ConsoleState } from "./console-state.ts";
import type { EventReader } from "./event-reader.ts";
import { createProcessStats } from "./figures/process-stats.ts";
import type { Health, Pending, QueueLine } from "./messages/messages.ts";
import { repeat } from "./repeat.ts";
import type { StreamClients } from "./stream-clients.ts";

const intervalsMs = { processes: 1_000, events: 500, ranking: 5_000, pending: 1_000, queues: 2_000, webhooks: 2_000 };
/** Clients receive at most four messages a second. */
const sendIntervalMs = 250;
/** Queues that do not answer within this time count as unavailable. */
const queueAnswerMaxMs = 3_000;

type PollerParts = Readonly<{
  db: Db;
  boards: Boards;
  eventReader: EventReader;
  state: ConsoleState;
  streamClients: StreamClients;
}>;

/** @param onError called with each error, and the part that could not be read */
export function startPoller(
  parts: PollerParts,
  onError: (error: Error, part: string) => void,
): { close: () => Promise<void> } {
  const { db, boards, eventReader, state, streamClients } = parts;
  const stats = createProcessStats();
  const health = createHealth(state);
  let pending: Pending | undefined;

  /** Runs `read` and notes the outcome. The query for the processes stands for PostgreSQL: it is the cheapest. */
  const noting = (part: keyof Health, read: () => Promise<void>) => async (): Promise<void> => {
    try {
      await read();
      health.noteAvailable(part);
    } catch (error) {
      health.noteUnavailable(part);
      onError(error instanceof Error ? error : new Error(String(error)), part);
    }
  };
  const hasClients = () => streamClients.count() > 0;

  const readProcesses = async () => {
    stats.take(await listProcesses(db));
    const totals = stats.totals();
    state.set("processes", stats.processes());
    state.set("totals", totals);
    state.addPoint({
      atMs: Date.now(),
      acceptedPerSecond: totals.accepted.perSecond,
      decidedPerSecond: totals.decided.perSecond,
      p50: totals.p50,
      p95: totals.p95,
      p99: totals.p99,
      pending: health.isAvailable("pending") ? (pending?.count ?? null) : null,
    });
  };
  const readPending = async () => {
    pending = await summarisePending(db);
    state.set("pending", pending);
  };
  const readWebhooks = async () => {
    const [summary, oldestUndeliveredSeconds] = await Promise.all([summariseWebhooks(db), oldestUndeliveredAge(db)]);
    const endpoints = summary.endpoints.map((endpoint) => ({
      ...endpoint,
      failingSince: endpoint.failingSince?.toISOString() ?? null,
    }));
    state.set("webhooks", { ...summary, endpoints, oldestUndeliveredSeconds, attempts: stats.webhookAttempts() });
  };
  const readQueues = async () => {
    if (!hasClients()) return withTimeout(boards.check());
    state.set("queues", (await withTimeout(boards.readStates())).map(presentQueue));
  };
  const readEvents = async () => state.setEvents(await eventReader.readShown(streamClients.eventIds()));
  const rankEvents = async () => state.set("busiest", await eventReader.rank());

  const loops = [
    repeat(intervalsMs.processes, noting("database", readProcesses)),
    repeat(intervalsMs.pending, noting("pending", readPending)),
    repeat(intervalsMs.queues, noting("queues", readQueues)),
    repeat(intervalsMs.ranking, noting("ranking", rankEvents), hasClients),
    repeat(intervalsMs.events, noting("events", readEvents), hasClients),
    repeat(intervalsMs.webhooks, noting("webhooks", readWebhooks), hasClients),
    startLoop({ run: async () => streamClients.sendChanges(), pauseMs: sendIntervalMs, onError: () => undefined }),
  ];
  return {
    close: async () => {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}

/** Keeps queues that never answer from blocking the loop. */
async function withTimeout<T>(answer: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the queues do not answer")), queueAnswerMaxMs);
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps the section `health`. A part is unavailable since it was last available. */
function createHealth(state: ConsoleState) {
  let health: Health = {
    database: { since: null },
    queues: { since: null },
    pending: { since: null },
    events: { since: null },
    ranking: { since: null },
    webhooks: { since: null },
  };
  const availableAtMs = new Map<keyof Health, number>();
  const setSince = (part: keyof Health, since: number | null) => {
    health = { ...health, [part]: { since } };
    state.set("health", health);
  };
  return {
    noteAvailable: (part: keyof Health) => {
      availableAtMs.set(part, Date.now());
      setSince(part, null);
    },
    noteUnavailable: (part: keyof Health) => {
      setSince(part, availableAtMs.get(part) ?? health[part].since ?? Date.now());
    },
    isAvailable: (part: keyof Health) => health[part].since === null,
  };
}

function presentQueue({ name, restrictions, counts }: QueueState): QueueLine {
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
  return {
    name,
    restrictions: restrictions.map(({ text }) => text),
    waiting: waiting + prioritized,
    active,
    delayed,
    failed,
  };
}
