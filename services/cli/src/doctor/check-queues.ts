// Checks that workers may take every job of the queues.
import { setTimeout as delay } from "node:timers/promises";
import { createPool } from "@onsale/database/client";
import { type QueueSource, queueSettings } from "@onsale/queue/backend";
import { type Boards, openBoards, type QueueState } from "@onsale/queue/boards";
import { allocateLanes, deliverLanes } from "@onsale/queue/lanes";
import { type Finding, failed, ok } from "./finding.ts";

const check = "queues";
const connectMaxMs = 3_000;
const closeMaxMs = 3_000;
const retryMs = 50;
const ignore = () => undefined;

type Installation = Readonly<{
  databaseUrl: string | undefined;
  /** Undefined: the queues are in PostgreSQL. */
  redisUrls: readonly string[] | undefined;
  partitions: number;
}>;

/**
 * Checks the queues of an installation. There is no finding when they cannot be read: the checks of the database and of
 * Redis say why, or no service has created them yet.
 */
export async function checkQueues({ databaseUrl, redisUrls, partitions }: Installation): Promise<Finding[]> {
  const named = [...allocateLanes(partitions).queues, ...deliverLanes.queues];
  if (redisUrls !== undefined) return examine({ kind: "redis", urls: redisUrls }, named);
  if (databaseUrl === undefined) return [];
  const pool = createPool({
    url: databaseUrl,
    connectionCountMax: 1,
    applicationName: "onsale-cli",
    settings: queueSettings,
    onIdleError: ignore,
  });
  try {
    return await examine({ kind: "postgres", pool }, named);
  } finally {
    // A server that does not answer must not keep the command waiting.
    await Promise.race([pool.end(), delay(closeMaxMs, undefined, { ref: false })]);
  }
}

async function examine(source: QueueSource, named: Parameters<typeof openBoards>[1]): Promise<Finding[]> {
  const boards = openBoards(source, named, ignore);
  const states = await readStates(boards, source.kind === "redis" ? connectMaxMs : 0);
  await Promise.race([boards.close(), delay(closeMaxMs, undefined, { ref: false })]);
  return states === undefined ? [] : [judgeQueues(states)];
}

/** @param patienceMs how long it is tried again: commands fail while Redis is being connected to */
async function readStates(boards: Boards, patienceMs: number): Promise<readonly QueueState[] | undefined> {
  const deadlineMs = performance.now() + patienceMs;
  do {
    try {
      return await boards.readStates();
    } catch {
      await delay(retryMs);
    }
  } while (performance.now() < deadlineMs);
  return undefined;
}

/** Judges the state of all queues; pure. */
export function judgeQueues(states: readonly QueueState[]): Finding {
  const restricted = states.filter(({ restrictions }) => restrictions.length > 0);
  if (restricted.length === 0) return ok(check, `none of the ${states.length} queues is paused, limited or blocked`);
  const list = restricted.map(
    ({ name, restrictions }) => `${name} (${restrictions.map(({ text }) => text).join(", ")})`,
  );
  const advice = "Press Release in the console, below the sale: docs/runbook.md#onsalequeuerestricted.";
  return failed(check, `workers may not take every job of ${list.join(", ")}`, advice);
}
