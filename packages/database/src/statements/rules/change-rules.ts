// Changes the rules of an event that the lane keeps: pools, limits per customer, hidden ticket types, the waiting list.
// In the same transaction the ledger gets the rules as they are then, so that the audit can replay them. Locks: those
// of lock-event.ts. A second run of the same change finds nothing to change, and writes the same rules again.
import { poolsMax } from "@onsale/contracts/values";
import { eventPool, poolCounter, poolName } from "@onsale/domain/rules";
import { sql } from "kysely";
import { catalogueChannel, returnedChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { nextVersion, stockOf } from "../newest.ts";
import { type LockedCounter, lockEvent, type RulesOwner } from "./lock-event.ts";
import { recordRules } from "./record-rules.ts";
import { type RulesRefusal, RulesRefusedError } from "./rules-refused.ts";

/** Whether a change has anything that the lane keeps. */
export function changesRules({ ticketTypes = [], ...ofEvent }: RulesChange): boolean {
  const isGiven = (fields: object) => Object.values(fields).some((value) => value !== undefined);
  return isGiven(ofEvent) || ticketTypes.some(({ ticketType: _, ...rules }) => isGiven(rules));
}

/** Fields that are missing stay as they are; null removes a limit. */
export type RulesChange = Readonly<{
  maxPerCustomer?: number | null | undefined;
  offerSeconds?: number | undefined;
  waitlistPolicy?: "skip" | "strict" | undefined;
  /** Pools to create, or whose total changes. */
  pools?: readonly Readonly<{ name: string; total: number }>[] | undefined;
  ticketTypes?: readonly TypeRules[] | undefined;
}>;

export type TypeRules = Readonly<{
  ticketType: string;
  /** The names of all pools that it draws on. */
  pools?: readonly string[] | undefined;
  maxPerCustomer?: number | null | undefined;
  isHidden?: boolean | undefined;
}>;

/**
 * @param tx must be inside a transaction that has locked nothing of the event, or all of it (lock-event.ts)
 * @throws RulesRefusedError
 */
export async function changeRules(tx: Db, owner: RulesOwner, change: RulesChange): Promise<void> {
  const { eventId, accountId, eventCode } = owner;
  const before = await lockEvent(tx, eventId);
  const after = apply(before, change);
  if ("kind" in after) throw new RulesRefusedError(after);
  const limitBefore = await changeEvent(tx, eventId, change);
  const scopes = resetScopes(before, after, limitBefore, change);
  await sql`DELETE FROM customer_counters
            WHERE event_id = ${eventId}::int AND ticket_type = ANY(${scopes}::text[])`.execute(tx);
  await writeCounters(tx, owner, before, after);
  await recordRules(tx, owner, after);
  await sql`
    SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`}), pg_notify(${returnedChannel}, '')`.execute(
    tx,
  );
}

/** The counters after the change, sorted by name; or why it cannot be made. */
function apply(
  before: readonly LockedCounter[],
  { pools = [], ticketTypes = [] }: RulesChange,
): LockedCounter[] | RulesRefusal {
  // A ticket type that was made since draws on the pool of the whole event, like all others.
  const drawing = before.map((counter) => ({
    ...counter,
    pools: isPool(counter) ? null : (counter.pools ?? [eventPool]),
  }));
  const counters = new Map(drawing.map((counter) => [counter.name, counter]));
  const decidedSeq = counters.get(eventPool)?.decidedSeq ?? 0;
  for (const { name, total } of pools) {
    const counter = poolCounter(name);
    const known = counters.get(counter);
    const fresh = { name: counter, decidedSeq, pools: null, maxPerCustomer: null, isHidden: false };
    counters.set(counter, { ...(known ?? { ...fresh, allocated: 0, waiting: 0 }), total });
  }
  const poolCount = [...counters.keys()].filter((name) => poolName(name) !== null).length;
  if (poolCount > poolsMax) return { kind: "too-many-pools" };
  for (const { ticketType, pools: names, maxPerCustomer, isHidden } of ticketTypes) {
    const type = counters.get(ticketType);
    if (type === undefined) return { kind: "unknown-ticket-type", ticketType };
    const unknown = names?.find((name) => !counters.has(poolCounter(name)));
    if (unknown !== undefined) return { kind: "unknown-pool", ticketType, pool: unknown };
    counters.set(ticketType, {
      ...type,
      pools: names === undefined ? type.pools : [eventPool, ...new Set(names.map(poolCounter))],
      maxPerCustomer: maxPerCustomer === undefined ? type.maxPerCustomer : maxPerCustomer,
      isHidden: isHidden ?? type.isHidden,
    });
  }
  return withSums([...counters.values()]);
}

function isPool({ name }: LockedCounter): boolean {
  return name === eventPool || poolName(name) !== null;
}

/** A pool has what its ticket types have together. */
function withSums(counters: readonly LockedCounter[]): LockedCounter[] | RulesRefusal {
  const types = counters.filter(({ pools }) => pools !== null);
  const summed = counters.map((counter) => {
    if (counter.pools !== null) return counter;
    const own = types.filter(({ pools }) => pools?.includes(counter.name));
    const allocated = own.reduce((sum, type) => sum + type.allocated, 0);
    return { ...counter, allocated, waiting: own.reduce((sum, type) => sum + type.waiting, 0) };
  });
  const short = summed.find(({ allocated, total }) => allocated > total);
  if (short === undefined) return summed.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: "below-allocated", pool: short.name, allocated: short.allocated, total: short.total };
}

/** @returns the event's limit per customer before the change */
async function changeEvent(
  tx: Db,
  eventId: number,
  { maxPerCustomer, offerSeconds, waitlistPolicy }: RulesChange,
): Promise<number | null> {
  const event = await tx
    .selectFrom("events")
    .select("max_per_customer")
    .where("id", "=", eventId)
    .executeTakeFirstOrThrow();
  const set = {
    ...(maxPerCustomer === undefined ? {} : { max_per_customer: maxPerCustomer }),
    ...(offerSeconds === undefined ? {} : { offer_seconds: offerSeconds }),
    ...(waitlistPolicy === undefined ? {} : { waitlist_policy: waitlistPolicy }),
  };
  if (Object.keys(set).length > 0) await tx.updateTable("events").set(set).where("id", "=", eventId).execute();
  return event.max_per_customer;
}

/** The scopes whose customers are counted anew, because until now or from now on nobody counts them. */
function resetScopes(
  before: readonly LockedCounter[],
  after: readonly LockedCounter[],
  limitBefore: number | null,
  { maxPerCustomer }: RulesChange,
): string[] {
  const limitOf = new Map(before.map(({ name, maxPerCustomer }) => [name, maxPerCustomer]));
  const isSwitched = (a: number | null, b: number | null) => (a === null) !== (b === null);
  const types = after.filter((type) => isSwitched(limitOf.get(type.name) ?? null, type.maxPerCustomer));
  const isEventSwitched = maxPerCustomer !== undefined && isSwitched(limitBefore, maxPerCustomer);
  return [...(isEventSwitched ? [""] : []), ...types.map(({ name }) => name)];
}

/** Writes all counters, which gives each a new version: what a batch has read before is no longer true. */
async function writeCounters(
  tx: Db,
  { eventId, actor, reason }: RulesOwner,
  before: readonly LockedCounter[],
  after: readonly LockedCounter[],
): Promise<void> {
  const totals = new Map(before.map(({ name, total }) => [name, total]));
  const added = after.filter(({ name }) => !totals.has(name));
  const resized = after.filter(({ name, total }) => totals.get(name) !== total);
  const known = after.filter(({ name }) => totals.has(name));
  await sql`
    INSERT INTO inventory (event_id, ticket_type, total, allocated, waiting, decided_seq)
    SELECT ${eventId}::int, * FROM unnest(
      ${added.map(({ name }) => name)}::text[], ${added.map(({ total }) => total)}::int[],
      ${added.map(({ allocated }) => allocated)}::int[], ${added.map(({ waiting }) => waiting)}::int[],
      ${added.map(({ decidedSeq }) => decidedSeq)}::bigint[])`.execute(tx);
  await sql`
    UPDATE inventory i
    SET total = given.total, allocated = given.allocated, waiting = given.waiting, pools = given.pools::text[],
        max_per_customer = given.max_per_customer, is_hidden = given.is_hidden,
        offer_due_since = CASE WHEN i.ticket_type = ${eventPool} THEN coalesce(i.offer_due_since, clock_timestamp()) END,
        ${nextVersion(sql`i`)}
    FROM unnest(
      ${known.map(({ name }) => name)}::text[], ${known.map(({ total }) => total)}::int[],
      ${known.map(({ allocated }) => allocated)}::int[], ${known.map(({ waiting }) => waiting)}::int[],
      ${known.map(({ pools }) => (pools === null ? null : `{${pools.map((name) => `"${name}"`).join(",")}}`))}::text[],
      ${known.map(({ maxPerCustomer }) => maxPerCustomer)}::int[], ${known.map(({ isHidden }) => isHidden)}::bool[])
      AS given (name, total, allocated, waiting, pools, max_per_customer, is_hidden)
    CROSS JOIN LATERAL ${stockOf(sql`ctid`, sql`${eventId}::int`, sql`given.name`)} AS place
    WHERE i.ctid = place.ctid`.execute(tx);
  await sql`
    INSERT INTO ledger (event_id, ticket_type, total, after_seq, actor, reason)
    SELECT ${eventId}::int, name, total, decided_seq, ${actor}, ${reason ?? null}
    FROM unnest(${resized.map(({ name }) => name)}::text[], ${resized.map(({ total }) => total)}::int[],
                ${resized.map(({ decidedSeq }) => decidedSeq)}::bigint[]) AS given (name, total, decided_seq)
    `.execute(tx);
}
