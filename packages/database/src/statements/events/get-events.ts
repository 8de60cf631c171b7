// Reads events with their ticket types. No locks. Indexes used: UNIQUE (account_id, code), the primary key of events,
// inventory_newest.
import type { Db } from "../../client.ts";
import { type EventRow, selectEvents } from "./event-row.ts";

/** One event of an account, or undefined. */
export function getEvent(db: Db, accountId: number, code: string): Promise<EventRow | undefined> {
  return selectEvents(db, accountId).where("events.code", "=", code).executeTakeFirst();
}

/** Where a page begins: after `offset` of the newest events, or after the event with `afterId`. */
export type EventPageStart = Readonly<{ offset: number } | { afterId: number }>;

/** An account's events, the newest first, at most `count`. */
export function listEvents(db: Db, accountId: number, start: EventPageStart, count: number): Promise<EventRow[]> {
  const query = selectEvents(db, accountId).orderBy("events.id", "desc").limit(count);
  return "offset" in start
    ? query.offset(start.offset).execute()
    : query.where("events.id", "<", start.afterId).execute();
}

/** How many events an account has. */
export async function countEvents(db: Db, accountId: number): Promise<number> {
  const query = db
    .selectFrom("events")
    .where("account_id", "=", accountId)
    .select((eb) => eb.fn.countAll<number>().as("count"));
  return (await query.executeTakeFirstOrThrow()).count;
}
