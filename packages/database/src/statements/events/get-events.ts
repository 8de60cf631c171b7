// Reads events with their ticket types. No locks. Indexes used: UNIQUE (account_id, code), the primary key of events,
// inventory_newest.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { countTotal } from "../../list-total.ts";
import { type EventRow, selectEvents } from "./event-row.ts";

/** One event of an account, or undefined. */
export function getEvent(db: Db, accountId: number, code: string): Promise<EventRow | undefined> {
  return selectEvents(db, accountId).where("events.code", "=", code).executeTakeFirst();
}

/** Where a page begins: after `offset` of the newest events, or after the event with `afterId`. */
export type EventPageStart = Readonly<{ offset: number } | { afterId: number }>;

/** An account's events, the newest first, at most `count`. */
export function listEvents(db: Db, accountId: number, start: EventPageStart, count: number): Promise<EventRow[]> {
  const events = db.selectFrom("events").selectAll().where("account_id", "=", accountId).orderBy("id", "desc");
  const page = "offset" in start ? events.offset(start.offset) : events.where("id", "<", start.afterId);
  // In a query of its own, so that skipped events do not look up their ticket types.
  const read = db.with("events", () => page.limit(count));
  return selectEvents(read, accountId).orderBy("events.id", "desc").execute();
}

/** How many events an account has; an estimate when there are more than `exactTotalMax`. */
export function countEvents(db: Db, accountId: number): Promise<number> {
  const planned = sql`SELECT FROM events WHERE account_id = ${accountId}`;
  return countTotal(db, { walk: (countMax) => sql`${planned} LIMIT ${countMax}`, planned });
}
