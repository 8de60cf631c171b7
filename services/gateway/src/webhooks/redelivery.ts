// Sends the deliveries of a time again, and creates those that the endpoint has missed: first the deliveries that
// exist, then event by event the first decisions that were missed, then so the later transitions, then the refunds. It
// does so in short transactions and for some seconds only, so that a gateway which stops is not kept; what is left is
// named by a position, from which the next request continues.
import type { Redelivered } from "@onsale/contracts/webhook";
import { webhookBody } from "@onsale/contracts/webhook-body";
import type { Db } from "@onsale/database/client";
import { createMissedDeliveries } from "@onsale/database/statements/deliveries/create-missed-deliveries";
import { type FactSourceName, factSourceNames } from "@onsale/database/statements/deliveries/fact-sources";
import { findDeliveries, findFacts, listEventIds } from "@onsale/database/statements/deliveries/find-seq-ranges";
import { redeliverPage } from "@onsale/database/statements/deliveries/redeliver";

/** Which deliveries of which endpoint. */
export type RedeliveryRequest = Readonly<{
  accountId: number;
  endpointId: string;
  /** The only event that the endpoint wants; null for all. */
  eventId: number | null;
  from: Date;
  to: Date;
  includeDelivered: boolean;
  includeMissed: boolean;
}>;

/** What is done: the parts before `part`, and of it the events before `eventId`, and of that one up to `afterSeq`. */
export type Position = Readonly<{ part: "deliveries" | FactSourceName; eventId: number; afterSeq: number }>;
type MissedPosition = Position & Readonly<{ part: FactSourceName }>;

type Step = Readonly<{ count: number; created: number; next: Position | null }>;

/** Runs a transaction over a connection, in the turn of its account. */
export type RunStep = <T>(step: (db: Db) => Promise<T>) => Promise<T>;

/** Rows of a transaction: some 30 ms. */
const pageSize = 1_000;
/** No transaction of a request begins later. */
export const redeliveryMaxMs = 2_000;
/** Events that are searched at a time for facts of the time. */
const eventCountMax = 200;

const beginning: Position = { part: "deliveries", eventId: 0, afterSeq: 0 };
const beginningOf = (part: FactSourceName, eventId: number): MissedPosition => ({ part, eventId, afterSeq: 0 });

/** @param start where the previous request ended */
export async function redeliverTime(
  runStep: RunStep,
  request: RedeliveryRequest,
  start: Position = beginning,
  maxMs = redeliveryMaxMs,
): Promise<Redelivered> {
  const endsAtMs = performance.now() + maxMs;
  let count = 0;
  let created = 0;
  let next: Position | null = start;
  do {
    const position: Position = next;
    const done: Step = await runStep((db) => redeliverOrCreate(db, request, position));
    count += done.count;
    created += done.created;
    next = done.next;
  } while (next !== null && performance.now() < endsAtMs);
  return { count, created, nextCursor: next === null ? null : formatPosition(next) };
}

function redeliverOrCreate(db: Db, request: RedeliveryRequest, position: Position): Promise<Step> {
  const { part, ...place } = position;
  return part === "deliveries" ? redeliverMore(db, request, position) : createMore(db, request, { part, ...place });
}

async function redeliverMore(db: Db, request: RedeliveryRequest, position: Position): Promise<Step> {
  const { endpointId, from, to, includeDelivered, includeMissed } = request;
  const found = await findDeliveries(db, endpointId, request);
  const choice = { createdFrom: from, createdBefore: to, includeDelivered };
  const afterSeq = Math.max(position.afterSeq, found?.afterSeq ?? 0);
  const { count, lastSeq } =
    found === undefined
      ? { count: 0, lastSeq: null }
      : await redeliverPage(db, endpointId, choice, { ...found, afterSeq }, pageSize);
  if (lastSeq !== null) return { count, created: 0, next: { ...position, afterSeq: lastSeq } };
  return { count, created: 0, next: includeMissed ? beginningOf(factSourceNames[0], 0) : null };
}

async function createMore(db: Db, request: RedeliveryRequest, position: MissedPosition): Promise<Step> {
  const { accountId, endpointId, eventId } = request;
  const { part } = position;
  const eventIds = await listEventIds(db, accountId, eventId, position.eventId, eventCountMax);
  const found = await findFacts(db, part, eventIds, request);
  if (found === undefined) {
    const last = eventIds.length < eventCountMax ? undefined : eventIds.at(-1);
    return { count: 0, created: 0, next: last === undefined ? partAfter(part) : beginningOf(part, last + 1) };
  }
  const reached = found.eventId === position.eventId ? position.afterSeq : 0;
  const range = { ...found, afterSeq: Math.max(reached, found.afterSeq) };
  const { count: created, lastSeq } = await createMissedDeliveries(
    db,
    endpointId,
    part,
    request,
    range,
    pageSize,
    ({ type, happenedAt, order, detail }) => webhookBody(type, happenedAt, order, detail),
  );
  const next: Position =
    lastSeq === null ? beginningOf(part, found.eventId + 1) : { part, eventId: found.eventId, afterSeq: lastSeq };
  return { count: 0, created, next };
}

function partAfter(part: FactSourceName): Position | null {
  const next = factSourceNames[factSourceNames.indexOf(part) + 1];
  return next === undefined ? null : beginningOf(next, 0);
}

function formatPosition({ part, eventId, afterSeq }: Position): string {
  return Buffer.from([part, eventId, afterSeq].join(".")).toString("base64url");
}

/** @returns undefined for a text that no answer had */
export function parsePosition(cursor: string): Position | undefined {
  const [, name, eventId, afterSeq] =
    /^(\w+)\.(\d{1,9})\.(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  const part = (["deliveries", ...factSourceNames] as const).find((known) => known === name);
  return part === undefined ? undefined : { part, eventId: Number(eventId), afterSeq: Number(afterSeq) };
}
