// Clients that change orders through two gateways. Like a shop, each repeats its request until it is answered.
import { setTimeout as delay } from "node:timers/promises";
import type { Order } from "@onsale/contracts/order";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { lockOrders } from "@onsale/database/statements/transitions/lock-orders";
import { transitionSlotCount } from "@onsale/gateway/transitions/transitions";
import { sql } from "kysely";
import { openTransaction } from "../database/transactions.ts";
import { type Answer, type Api, newKey } from "../http/api.ts";
import { untilTrue } from "../until.ts";
import type { KillableInstallation, ProcessName } from "./killable-installation.ts";

/** A request of one client. */
export type Ask = Readonly<{
  /** Null for a purchase. */
  orderId: string | null;
  path: string;
  body?: unknown;
  key?: string | undefined;
  /** When the client sends it, in milliseconds after the others; 0 by default. */
  afterMs?: number;
}>;

type Body = Order & Omit<Problem, "status">;

/** `attemptCount` is above 1 when an answer was lost, or the gateway could not say what happened. */
export type Answered = Readonly<{ ask: Ask; status: number; body: Body; attemptCount: number }>;

export const confirm = (orderId: string, paymentReference: string): Ask => {
  return { orderId, path: `/api/v1/orders/${orderId}/confirm`, body: { paymentReference } };
};

/** @param quantity STANDARD tickets; null cancels the whole order */
export const cancel = (orderId: string, quantity: number | null, key?: string): Ask => {
  const body = quantity === null ? {} : { items: [{ ticketType: "STANDARD", quantity }] };
  return { orderId, path: `/api/v1/orders/${orderId}/cancel`, body, key };
};

export const extend = (orderId: string, key?: string): Ask => {
  return { orderId, path: `/api/v1/orders/${orderId}/extend`, body: { holdSeconds: 900 }, key };
};

/** Buys STANDARD tickets. */
export const purchase = (eventCode: string, quantity: number, isHold = false): Ask => {
  const body = { eventCode, ticketType: "STANDARD", quantity, ...(isHold ? { hold: true } : {}) };
  return { orderId: null, path: "/api/v1/orders/purchase", body, key: newKey() };
};

const answerWithinMs = 90_000;
const pauseMinMs = 100;
const pauseMaxMs = 1_000;

export type Random = () => number;

/** Sends a request to one of the gateways until it is answered for good: neither 202, nor a fault of the server. */
export async function askUntilAnswered({ apis }: KillableInstallation, ask: Ask, random: Random): Promise<Answered> {
  await delay(ask.afterMs ?? 0);
  const deadlineMs = Date.now() + answerWithinMs;
  for (let attemptCount = 1; Date.now() < deadlineMs; attemptCount++) {
    const answer = await send(random() < 0.5 ? apis[0] : apis[1], ask);
    if (answer !== null && answer.status < 500 && answer.status !== 202) {
      return { ask, status: answer.status, body: answer.body, attemptCount };
    }
    await delay(Math.min(pauseMinMs * 2 ** (attemptCount - 1), pauseMaxMs) * (0.5 + random()));
  }
  throw new Error(`${ask.path} had no answer within ${answerWithinMs} ms`);
}

/** @returns null when the answer was lost, or nobody took the request */
async function send(api: Api, { path, body, key }: Ask): Promise<Answer<Body> | null> {
  const headers = { prefer: "wait=5", ...(key === undefined ? {} : { "idempotency-key": key }) };
  try {
    return await api.request("POST", path, { body, headers });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * When processes are killed: while the first requests wait for the contested order; at the next transition that is
 * committed, whose answers are then lost; or after this many answers.
 */
export type Kill = Readonly<{ moment: "blocked" | "transition" | number; names: readonly ProcessName[] }>;

export type Crowd = Readonly<{
  asks: readonly Ask[];
  /**
   * An order that is locked until both gateways wait for it, so that all requests are there before the first counts.
   */
  contestedId: string | undefined;
  kills: readonly Kill[];
}>;

/** Sends all requests at once, kills processes meanwhile, and returns the answers in the order of the requests. */
export async function askAll(
  installation: KillableInstallation,
  { asks, contestedId, kills }: Crowd,
  random: Random,
): Promise<readonly Answered[]> {
  const killing: Promise<void>[] = [];
  const kill = (wanted: Kill["moment"]) => {
    for (const { moment, names } of kills) if (moment === wanted) killing.push(installation.kill(names));
  };
  let answeredCount = 0;
  const askOne = async (ask: Ask): Promise<Answered> => {
    const answered = await askUntilAnswered(installation, ask, random);
    kill(answeredCount++);
    return answered;
  };
  const release = contestedId === undefined ? undefined : await lockOrder(installation.db, contestedId);
  const answering = Promise.all(asks.map(askOne));
  if (release !== undefined) {
    await untilBothWait(installation.db);
    kill("blocked");
  }
  const transition = installation.nextTransition();
  await release?.();
  await transition;
  kill("transition");
  const answers = await answering;
  await Promise.all(killing);
  return answers;
}

/** Waits until more sessions wait for a lock than one gateway has for transitions. */
async function untilBothWait(db: Db): Promise<void> {
  await untilTrue("both gateways wait for the order", async () => {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
    return (rows[0]?.count ?? 0) > transitionSlotCount;
  });
}

async function lockOrder(db: Db, id: string): Promise<() => Promise<void>> {
  const { tx, commit } = await openTransaction(db);
  await lockOrders(tx, [id]);
  return commit;
}
