// Reads an event's activity log. No locks. Index used: activities_by_event.
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { countTotal } from "../../list-total.ts";

export type ActivityRow = Readonly<{
  id: number;
  at: Date;
  actor: string;
  action: string;
  detail: Readonly<Record<string, unknown>>;
}>;

/** Where a page begins: after `offset` of the newest activities, or after the one with `afterId`. */
export type ActivityPageStart = Readonly<{ offset: number } | { afterId: number }>;

/** The newest first, at most `count`. */
export function listActivities(
  db: Db,
  eventId: number,
  start: ActivityPageStart,
  count: number,
): Promise<ActivityRow[]> {
  const activities = db
    .selectFrom("activities")
    .where("event_id", "=", eventId)
    .select(["id", "at", "actor", "action", "detail"])
    .orderBy("id", "desc")
    .limit(count);
  return ("offset" in start ? activities.offset(start.offset) : activities.where("id", "<", start.afterId)).execute();
}

/** How many there are; an estimate when there are more than `exactTotalMax`. */
export function countActivities(db: Db, eventId: number): Promise<number> {
  const planned = sql`SELECT FROM activities WHERE event_id = ${eventId}`;
  return countTotal(db, { walk: (countMax) => sql`${planned} LIMIT ${countMax}`, planned });
}
