// Changes an event, with a row in its activity log, and notifies the gateways. Locks: the event's row; inserts of
// orders do not take it. Index used: UNIQUE (account_id, code). A second run finds the fields as they should be and
// changes nothing.
import { findTimeFaults, type TimeFault, type Times } from "@onsale/domain/sale-window";
import { sql } from "kysely";
import { catalogueChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";
import { listChanges, writeActivity } from "./write-activity.ts";

/** The fields that change. Undefined ones stay; null removes a rule. */
export type EventPatch = Readonly<{
  name?: string | undefined;
  startTime?: Date | undefined;
  endTime?: Date | undefined;
  salesStart?: Date | null | undefined;
  salesEnd?: Date | null | undefined;
  paused?: boolean | undefined;
  maxPerOrder?: number | null | undefined;
}>;

/** `contradiction`: together with the fields that stay, these make no sense. */
export type ChangeEventResult = Readonly<
  { kind: "changed" } | { kind: "event-not-found" } | { kind: "contradiction"; faults: readonly TimeFault[] }
>;

/** @param event which one, and who changes it */
export function changeEvent(
  db: Db,
  event: Readonly<{ accountId: number; code: string; actor: string }>,
  patch: EventPatch,
): Promise<ChangeEventResult> {
  const { accountId, code, actor } = event;
  return db.transaction().execute(async (tx): Promise<ChangeEventResult> => {
    const before = await lockEvent(tx, accountId, code);
    if (before === undefined) return { kind: "event-not-found" };
    const changes = listChanges(before, patch);
    if (Object.keys(changes).length === 0) return { kind: "changed" };
    const faults = findTimeFaults(timesAfter(before, patch), patch);
    if (faults.length > 0) return { kind: "contradiction", faults };
    const { name, startTime, endTime, salesStart, salesEnd, paused, maxPerOrder } = patch;
    // Kysely leaves out what is undefined.
    const columns = {
      name,
      start_time: startTime,
      end_time: endTime,
      sales_start: salesStart,
      sales_end: salesEnd,
      is_paused: paused,
      max_per_order: maxPerOrder,
    };
    await tx.updateTable("events").set(columns).where("id", "=", before.id).execute();
    await writeActivity(tx, { eventId: before.id, actor, action: "event-changed", detail: { changes } });
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${code}`})`.execute(tx);
    return { kind: "changed" };
  });
}

function lockEvent(tx: Db, accountId: number, code: string) {
  return tx
    .selectFrom("events")
    .where("account_id", "=", accountId)
    .where("code", "=", code)
    .select([
      "id",
      "name",
      "start_time as startTime",
      "end_time as endTime",
      "sales_start as salesStart",
      "sales_end as salesEnd",
      "is_paused as paused",
      "max_per_order as maxPerOrder",
    ])
    .forNoKeyUpdate()
    .executeTakeFirst();
}

function timesAfter(before: Required<Times>, patch: EventPatch): Times {
  const { startTime, endTime, salesStart, salesEnd } = before;
  return {
    startTime: patch.startTime ?? startTime,
    endTime: patch.endTime ?? endTime,
    salesStart: patch.salesStart === undefined ? salesStart : patch.salesStart,
    salesEnd: patch.salesEnd === undefined ? salesEnd : patch.salesEnd,
  };
}
