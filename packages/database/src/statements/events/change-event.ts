// Changes an event, with a row in its activity log, and notifies the gateways. Locks: those of lock-event.ts for rules
// that the lane keeps; the event's row, which inserts of orders do not take. Index used: UNIQUE (account_id, code). A
// second run finds the fields as they should be and changes nothing.
import { findTimeFaults, type TimeFault, type Times } from "@onsale/domain/sale-window";
import { sql } from "kysely";
import { catalogueChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { poolsOfEvent } from "../newest.ts";
import { changeRules, changesRules, type RulesChange } from "../rules/change-rules.ts";
import { lockEvent } from "../rules/lock-event.ts";
import { RulesRefusedError } from "../rules/rules-refused.ts";
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
}> &
  Omit<RulesChange, "ticketTypes">;

/** `contradiction`: together with the fields that stay, these make no sense. */
export type ChangeEventResult = Readonly<
  { kind: "changed" } | { kind: "event-not-found" } | { kind: "contradiction"; faults: readonly TimeFault[] }
>;

/**
 * @param event which one, and who changes it
 * @throws RulesRefusedError
 */
export function changeEvent(
  db: Db,
  event: Readonly<{ accountId: number; code: string; actor: string }>,
  patch: EventPatch,
): Promise<ChangeEventResult> {
  const { accountId, code, actor } = event;
  return db.transaction().execute(async (tx): Promise<ChangeEventResult> => {
    const { maxPerCustomer, offerSeconds, waitlistPolicy, pools, ...ofEvent } = patch;
    const rules = { maxPerCustomer, offerSeconds, waitlistPolicy, pools };
    const eventId = await findEventId(tx, accountId, code);
    if (eventId !== undefined && changesRules(rules)) await lockEvent(tx, eventId);
    const before = eventId === undefined ? undefined : await lockRow(tx, eventId);
    if (before === undefined) return { kind: "event-not-found" };
    if (before.isCancelled && changesSale(patch)) throw new RulesRefusedError({ kind: "event-cancelled" });
    const changes = {
      ...listChanges(before, { ...ofEvent, maxPerCustomer, offerSeconds, waitlistPolicy }),
      ...(pools === undefined ? {} : listChanges(await readPoolTotals(tx, before.id), poolTotals(pools))),
    };
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
    if (Object.values(columns).some((value) => value !== undefined)) {
      await tx.updateTable("events").set(columns).where("id", "=", before.id).execute();
    }
    if (changesRules(rules)) await changeRules(tx, { accountId, eventId: before.id, eventCode: code, actor }, rules);
    await writeActivity(tx, { eventId: before.id, actor, action: "event-changed", detail: { changes } });
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${code}`})`.execute(tx);
    return { kind: "changed" };
  });
}

/** What people read of an event: it can be put right when the event is cancelled, too. */
const describing = new Set(["name", "startTime", "endTime"]);

function changesSale(patch: EventPatch): boolean {
  return Object.entries(patch).some(([field, value]) => value !== undefined && !describing.has(field));
}

async function findEventId(tx: Db, accountId: number, code: string): Promise<number | undefined> {
  const found = await tx
    .selectFrom("events")
    .where("account_id", "=", accountId)
    .where("code", "=", code)
    .select("id")
    .executeTakeFirst();
  return found?.id;
}

/** The pools' totals, by the name under which the activity log shows a pool. */
async function readPoolTotals(tx: Db, eventId: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; total: number }>`
    SELECT substr(ticket_type, 6) AS name, total FROM ${poolsOfEvent(sql`${eventId}::int`)} AS pools
    WHERE ticket_type LIKE 'pool:%'`.execute(tx);
  return poolTotals(rows);
}

function poolTotals(pools: readonly Readonly<{ name: string; total: number }>[]): Record<string, number> {
  return Object.fromEntries(pools.map(({ name, total }) => [`pool ${name}`, total]));
}

function lockRow(tx: Db, eventId: number) {
  return tx
    .selectFrom("events")
    .where("id", "=", eventId)
    .select([
      "id",
      "name",
      "start_time as startTime",
      "end_time as endTime",
      "sales_start as salesStart",
      "sales_end as salesEnd",
      "is_paused as paused",
      "max_per_order as maxPerOrder",
      "max_per_customer as maxPerCustomer",
      "offer_seconds as offerSeconds",
      "waitlist_policy as waitlistPolicy",
      sql<boolean>`cancelled_at IS NOT NULL`.as("isCancelled"),
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
