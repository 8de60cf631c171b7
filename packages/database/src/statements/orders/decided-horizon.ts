// How far the transitions of an event are complete: up to the floors of arrivals and of transitions, and to the first
// order of the event without a decision, because earlier transitions may still appear beyond them. No locks. Indexes
// used: orders_by_event, buckets_newest.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { decidedThrough } from "../pending/pending.ts";
import { readTransitionFloor } from "../transitions/transition-floor.ts";
import { readArrivalFloor } from "./arrival-floor.ts";

/** Every order and transition of all events up to this number is visible to a statement that begins after this one. */
export async function readNumberFloor(db: Db): Promise<number> {
  return Math.min(await readArrivalFloor(db), await readTransitionFloor(db));
}

/** An expression for the horizon, of a statement that begins after `floor` was read. */
export function decidedHorizon(eventId: number, floor: number): RawBuilder<unknown> {
  return sql`least(${floor}::bigint, (
        SELECT min(seq) - 1 FROM orders
        WHERE event_id = ${eventId}::int AND status = 'PENDING'
          AND seq > ${decidedThrough(sql`${eventId}::int`)}))`;
}

/** The horizon, and the time at which it was read. */
export async function readDecidedHorizon(db: Db, eventId: number): Promise<Readonly<{ seq: number; at: Date }>> {
  const floor = await readNumberFloor(db);
  const { rows } = await sql<{ seq: number; at: Date }>`
    SELECT ${decidedHorizon(eventId, floor)} AS seq, statement_timestamp() AS at`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("a SELECT without FROM returned no row");
  return row;
}
