// Writes to the ledger all that the lane goes by from now on, so that the audit can replay it. No locks.
import type { LedgerDetail } from "@onsale/domain/replayed-counters";
import { eventPool } from "@onsale/domain/rules";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import type { LockedCounter, RulesOwner } from "./lock-event.ts";

/**
 * @param tx must be inside the transaction that has locked the event
 * @param codes that are new, or revoked and so without uses
 */
export async function recordRules(
  tx: Db,
  { eventId, actor, reason }: RulesOwner,
  counters: readonly LockedCounter[],
  codes: LedgerDetail["codes"] = [],
): Promise<void> {
  const event = await tx
    .selectFrom("events")
    .select(["max_per_customer", "waitlist_policy"])
    .where("id", "=", eventId)
    .executeTakeFirstOrThrow();
  const types = counters.filter(({ pools }) => pools !== null);
  const limits = types.flatMap(({ name, maxPerCustomer }) => (maxPerCustomer === null ? [] : [[name, maxPerCustomer]]));
  const ofEvent = event.max_per_customer === null ? [] : [["", event.max_per_customer]];
  const detail: LedgerDetail = {
    pools: Object.fromEntries(types.map(({ name, pools }) => [name, pools ?? []])),
    limits: Object.fromEntries([...ofEvent, ...limits]),
    isStrict: event.waitlist_policy === "strict",
    ...(codes.length === 0 ? {} : { codes }),
  };
  const afterSeq = counters.find(({ name }) => name === eventPool)?.decidedSeq ?? 0;
  await sql`
    INSERT INTO ledger (event_id, ticket_type, after_seq, cause, actor, reason, detail)
    VALUES (${eventId}::int, ${eventPool}, ${afterSeq}::bigint, 'rules', ${actor}, ${reason ?? null},
            ${JSON.stringify(detail)}::jsonb)`.execute(tx);
}
