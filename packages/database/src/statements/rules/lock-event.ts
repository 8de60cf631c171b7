// Locks everything that the lane needs of an event, before its rules are changed. Locks, in this order: the turn of its
// bucket, so that no returns are applied that know nothing of new pools; the event; the pool `event`, then its ticket
// types and other pools as everywhere (lock-stock.ts). An event without rules gets the pool `event`.
import { eventPool } from "@onsale/domain/rules";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { returnsLockClass } from "../allocation/apply-returns.ts";
import { lockStock } from "../allocation/lock-stock.ts";
import { nextVersion, poolsOfEvent, stockOfEvent } from "../newest.ts";
import { RulesRefusedError } from "./rules-refused.ts";

/** No number of tickets of an event reaches it. */
const withoutLimit = 2 ** 31 - 1;

/** Whose rules change, by whom and why. */
export type RulesOwner = Readonly<{
  accountId: number;
  eventId: number;
  eventCode: string;
  /** Who changes it, and why, for the ledger. */
  actor: string;
  reason?: string | undefined;
}>;

/** A ticket type or a pool, while it is locked. */
export type LockedCounter = Readonly<{
  name: string;
  total: number;
  allocated: number;
  waiting: number;
  decidedSeq: number;
  pools: readonly string[] | null;
  maxPerCustomer: number | null;
  isHidden: boolean;
}>;

/**
 * Locks an event and its counters until the transaction ends, and gives it the pool `event` if it has none.
 *
 * @param tx must be inside a transaction that has locked nothing of the event
 * @returns its counters, sorted by name, after the change
 */
export async function lockEvent(tx: Db, eventId: number): Promise<LockedCounter[]> {
  await lockRow(tx, eventId);
  return lockCounters(tx, eventId);
}

/**
 * As `lockEvent`, for what a cancelled event does not take.
 *
 * @throws RulesRefusedError `event-cancelled`
 */
export async function lockLiveEvent(tx: Db, eventId: number): Promise<LockedCounter[]> {
  if (await lockRow(tx, eventId)) throw new RulesRefusedError({ kind: "event-cancelled" });
  return lockCounters(tx, eventId);
}

/** @returns whether the event was cancelled */
async function lockRow(tx: Db, eventId: number): Promise<boolean> {
  await sql`SELECT pg_advisory_xact_lock(${returnsLockClass}::int, ${eventId}::int & 63)`.execute(tx);
  const { rows } = await sql<{ isCancelled: boolean }>`
    SELECT cancelled_at IS NOT NULL AS "isCancelled" FROM events
    WHERE id = ${eventId}::int FOR NO KEY UPDATE`.execute(tx);
  return rows[0]?.isCancelled === true;
}

async function lockCounters(tx: Db, eventId: number): Promise<LockedCounter[]> {
  const names = (await readLocked(tx, eventId)).map(({ name }) => name);
  const refs = [eventPool, ...names].map((ticketType) => ({ eventId, ticketType }));
  await lockStock(tx, refs);
  const counters = await readLocked(tx, eventId);
  if (counters.some(({ name }) => name === eventPool)) return counters;
  await addEventPool(tx, eventId, counters);
  return readLocked(tx, eventId);
}

async function readLocked(tx: Db, eventId: number): Promise<LockedCounter[]> {
  const { rows } = await sql<LockedCounter>`
    SELECT ticket_type AS name, total, allocated, waiting, decided_seq AS "decidedSeq", pools,
           max_per_customer AS "maxPerCustomer", is_hidden AS "isHidden"
    FROM (
      SELECT * FROM ${stockOfEvent(sql`${eventId}::int`)} AS types
      UNION ALL
      SELECT * FROM ${poolsOfEvent(sql`${eventId}::int`)} AS pools
    ) AS counters ORDER BY ticket_type COLLATE "C"`.execute(tx);
  return rows;
}

/** Its position is that of the last decision on any ticket type. */
async function addEventPool(tx: Db, eventId: number, types: readonly LockedCounter[]): Promise<void> {
  const allocated = types.reduce((sum, type) => sum + type.allocated, 0);
  const decidedSeq = Math.max(0, ...types.map((type) => type.decidedSeq));
  await sql`
    WITH pool AS (
      INSERT INTO inventory (event_id, ticket_type, total, allocated, decided_seq)
      VALUES (${eventId}::int, ${eventPool}, ${withoutLimit}::int, ${allocated}::int, ${decidedSeq}::bigint)
      RETURNING event_id, ticket_type, total, decided_seq
    ), types AS (
      UPDATE inventory i SET pools = ARRAY[${eventPool}], ${nextVersion(sql`i`)}
      FROM ${stockOfEvent(sql`${eventId}::int`)} AS type
      WHERE i.event_id::bigint = ${eventId}::int AND i.ticket_type || '' = type.ticket_type
        AND i.version = type.version
    )
    INSERT INTO ledger (event_id, ticket_type, total, after_seq)
    SELECT event_id, ticket_type, total, decided_seq FROM pool`.execute(tx);
}
