// The real installation, as the commands of one run use it: sends requests until they are answered, hurts it, waits for
// what happens by itself, and notes every step for the report of a failure.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { randomOf } from "../../demo/crowd.ts";
import type { Answer, Gateway, RequestOptions } from "../../demo/gateway.ts";
import { createPauses } from "../../demo/pauses.ts";
import { createRetry } from "../../demo/retry.ts";
import { untilTrue } from "../../support/until.ts";
import type { Outage } from "../facts.ts";
import { type Ask, createHistory, type History } from "../history.ts";
import { createSending } from "../load/ask.ts";
import type { Gateways } from "../load/client.ts";
import type { FaultKind } from "../nemesis/fault.ts";
import type { Stack } from "../stack/stack.ts";
import type { GatewayNumber } from "./model.ts";

/** The gateway that gets a request first; when it does not answer, the other one gets it too, unless it `mustBe`. */
export type Via = Readonly<{ gateway: GatewayNumber; mustBe: boolean }>;

/** A fault that was injected; with `hits` of 0 it did not bite. */
export type Hurt = Readonly<{ name: string; hits: number }>;

export type Real = Readonly<{
  stack: Stack;
  /** The codes of the run's events, and its keys, begin with it. */
  prefix: string;
  history: History;
  hurts: readonly Hurt[];
  outages: readonly Outage[];
  /** What was done, in words. */
  steps: readonly string[];
  /** Begins a step. */
  step: (text: string) => void;
  /** Says more of the step. */
  note: (text: string) => void;
  /** A number that no other request of the run has. */
  nextNumber: () => number;
  /** Sends a request about an order until it is answered. */
  send: (via: Via, ask: Ask, send: Send, waitSeconds?: number) => Promise<Answer>;
  /** Sends another request until it is answered; rejects with a refusal. */
  insist: <T>(via: Via, request: (gateway: Gateway) => Promise<T>) => Promise<T>;
  /** Injects a fault, and with `isAwaited` waits until it is healed; else what follows happens beside it. */
  hurt: (kind: FaultKind, seed: number, isAwaited: boolean) => Promise<void>;
  untilHealed: () => Promise<void>;
  /** Waits until returns, due holds and late payments of some events are dealt with. */
  untilQuiet: (codes: readonly string[]) => Promise<void>;
}>;

type Send = (gateway: Gateway, options: RequestOptions) => Promise<Answer>;

/** Processes that were killed start within seconds, also on a busy machine; then they take over from each other. */
const answeredWithinMs = 90_000;

/** @param gateways clients of the stack's gateways */
export function beginReal(stack: Stack, gateways: Gateways, prefix: string): Real {
  const history = createHistory();
  const outages: Outage[] = [];
  const hurts: Hurt[] = [];
  const steps: string[] = [];
  const hurting = new Set<Promise<void>>();
  const retry = createRetry(createPauses(new AbortController().signal), () => undefined, answeredWithinMs);
  let number = 0;
  let pick = () => gateways[0];
  const sending = createSending({
    history,
    pick: () => pick(),
    random: () => 0.5,
    patienceUsualMs: answeredWithinMs,
  });
  const untilHealed = async () => void (await Promise.all(hurting));

  return {
    stack,
    prefix,
    history,
    hurts,
    outages,
    steps,
    step: (text) => void steps.push(text),
    note: (text) => steps.push(`${steps.pop() ?? ""} ${text}`),
    nextNumber: () => ++number,
    send: async (via, ask, send, waitSeconds) => {
      pick = alternate(gateways, via);
      const answer = await sending(ask, send, waitSeconds === undefined ? {} : { waitSeconds });
      if (answer === undefined) throw new Error(`a request had no answer within ${answeredWithinMs} ms`);
      return answer;
    },
    insist: (via, request) => {
      const next = alternate(gateways, via);
      return retry(() => request(next()));
    },
    hurt: async (kind, seed, isAwaited) => {
      // One fault at a time, so that a failure has one cause.
      await untilHealed();
      const hurt = inject(stack, kind, seed).then(({ outage, hits }) => {
        outages.push(outage);
        hurts.push({ name: kind.name, hits });
      });
      const entry: Promise<void> = hurt.finally(() => hurting.delete(entry));
      hurting.add(entry);
      if (isAwaited) await entry;
    },
    untilHealed,
    untilQuiet: (codes) =>
      untilTrue("the workers have done what is due", () => isQuiet(stack.db, codes), answeredWithinMs),
  };
}

function alternate(gateways: Gateways, { gateway, mustBe }: Via): () => Gateway {
  let attempt = 0;
  return () => {
    const isFirst = (mustBe ? 0 : attempt++) % 2 === 0;
    return gateways[isFirst === (gateway === 0) ? 0 : 1];
  };
}

async function inject(stack: Stack, kind: FaultKind, seed: number) {
  const fromMs = Date.now();
  // Later than the request that comes next is sent, and sooner than it is answered.
  await delay(seed % beginsWithinMs);
  const context = { stack, random: randomOf(seed, 0), drawMs: (minMs: number) => minMs };
  const hits = await kind.inject(context).catch(() => 0);
  return { hits, outage: { fromMs, toMs: Date.now() } };
}

const beginsWithinMs = 15;

async function isQuiet(db: Db, codes: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ left: boolean }>`
    WITH own AS MATERIALIZED (SELECT id FROM events WHERE code = ANY(${codes}::text[]))
    SELECT EXISTS (SELECT FROM returns WHERE event_id IN (SELECT id FROM own))
        OR EXISTS (SELECT FROM holds WHERE event_id IN (SELECT id FROM own) AND expires_at <= clock_timestamp())
        OR EXISTS (SELECT FROM payments WHERE event_id IN (SELECT id FROM own) AND outcome IS NULL) AS left`.execute(
    db,
  );
  return rows[0]?.left === false;
}
