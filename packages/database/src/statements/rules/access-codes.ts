// Creates, lists and revokes access codes. A change locks the event (lock-event.ts), gives the pool `event` a new
// version, and is a row of the ledger, so that the lane and the audit know from which decision on a code is good.
import { eventPool } from "@onsale/domain/rules";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { countTotal } from "../../list-total.ts";
import { writeActivity } from "../events/write-activity.ts";
import { nextVersion, stockOf } from "../newest.ts";
import { type LockedCounter, lockEvent, lockLiveEvent, type RulesOwner } from "./lock-event.ts";
import { recordRules } from "./record-rules.ts";

/** So many ids of new codes are in the activity log; a thousand would fill its page. */
const shownIdsMax = 5;

export type NewAccessCode = Readonly<{
  /** A keyed hash of the code. */
  digest: Buffer;
  /** The code's last characters, to recognise it in lists; null for a short one, which they would give away. */
  hint: string | null;
  ticketTypes: readonly string[];
  maxUses: number;
  maxPerOrder: number | null;
}>;

export type AccessCodeRow = Readonly<{
  id: number;
  hint: string | null;
  ticketTypes: string[];
  maxUses: number;
  maxPerOrder: number | null;
  /** Orders that use it. */
  used: number;
  createdAt: Date;
  revokedAt: Date | null;
}>;

/**
 * @param tx must be inside a transaction that has locked nothing of the event
 * @returns in the order given; null for a code that the event has already, and then the caller rolls back
 * @throws RulesRefusedError `event-cancelled`
 */
export async function createAccessCodes(
  tx: Db,
  owner: RulesOwner,
  codes: readonly NewAccessCode[],
): Promise<AccessCodeRow[] | null> {
  const counters = await lockLiveEvent(tx, owner.eventId);
  const { rows } = await sql<AccessCodeRow>`
    INSERT INTO access_codes (event_id, digest, hint, ticket_types, max_uses, max_per_order)
    SELECT ${owner.eventId}::int, digest, hint, ticket_types::text[], max_uses, max_per_order
    FROM unnest(${codes.map(({ digest }) => digest)}::bytea[], ${codes.map(({ hint }) => hint ?? "")}::text[],
                ${codes.map(({ ticketTypes }) => `{${ticketTypes.map((type) => `"${type}"`).join(",")}}`)}::text[],
                ${codes.map(({ maxUses }) => maxUses)}::int[], ${codes.map(({ maxPerOrder }) => maxPerOrder)}::int[])
           WITH ORDINALITY AS given (digest, hint, ticket_types, max_uses, max_per_order, place)
    ORDER BY place
    ON CONFLICT (event_id, digest) DO NOTHING
    RETURNING ${accessCodeColumns}`.execute(tx);
  if (rows.length < codes.length) return null;
  await recordCodes(
    tx,
    owner,
    counters,
    rows.map(({ id, maxUses }) => ({ id, maxUses })),
  );
  const { eventId, actor } = owner;
  const ids = rows.map(({ id }) => id).sort((a, b) => a - b);
  const detail = { count: ids.length, ids: ids.slice(0, shownIdsMax) };
  await writeActivity(tx, { eventId, actor, action: "access-codes-created", detail });
  return rows.sort((a, b) => a.id - b.id);
}

const accessCodeColumns = sql`id, nullif(hint, '') AS hint, ticket_types AS "ticketTypes", max_uses AS "maxUses",
                              max_per_order AS "maxPerOrder", used, created_at AS "createdAt", revoked_at AS "revokedAt"`;

/**
 * Revokes a code for orders that come from now on, and for those that are pending. A second time changes nothing.
 *
 * @returns undefined for a code that the event does not have, and then the caller rolls back
 */
export async function revokeAccessCode(tx: Db, owner: RulesOwner, id: number): Promise<AccessCodeRow | undefined> {
  const counters = await lockEvent(tx, owner.eventId);
  const { rows } = await sql<AccessCodeRow>`
    UPDATE access_codes SET revoked_at = coalesce(revoked_at, clock_timestamp())
    WHERE id = ${id}::bigint AND event_id = ${owner.eventId}::int
    RETURNING ${accessCodeColumns}`.execute(tx);
  if (rows[0] === undefined) return undefined;
  const { eventId, actor } = owner;
  await writeActivity(tx, { eventId, actor, action: "access-code-revoked", detail: { id } });
  await recordCodes(tx, owner, counters, [{ id, maxUses: 0 }]);
  return rows[0];
}

/** Gives the pool `event` a new version: a batch that has read the codes before is decided again. */
async function recordCodes(
  tx: Db,
  owner: RulesOwner,
  counters: readonly LockedCounter[],
  codes: readonly Readonly<{ id: number; maxUses: number }>[],
): Promise<void> {
  await sql`
    UPDATE inventory i SET ${nextVersion(sql`i`)}
    FROM ${stockOf(sql`ctid`, sql`${owner.eventId}::int`, sql`${eventPool}`)} AS place
    WHERE i.ctid = place.ctid`.execute(tx);
  await recordRules(tx, owner, counters, codes);
}

/** A page of an event's codes, the newest first. Index used: access_codes_by_event. */
export async function listAccessCodes(
  db: Db,
  eventId: number,
  start: Readonly<{ offset: number } | { afterId: number }>,
  countMax: number,
): Promise<AccessCodeRow[]> {
  const from = "offset" in start ? sql`OFFSET ${start.offset}::int` : sql``;
  const { rows } = await sql<AccessCodeRow>`
    SELECT ${accessCodeColumns} FROM access_codes
    WHERE event_id = ${eventId}::int ${"offset" in start ? sql`` : sql`AND id < ${start.afterId}::bigint`}
    ORDER BY event_id, id DESC LIMIT ${countMax}::int ${from}`.execute(db);
  return rows;
}

/** How many codes an event has; an estimate when there are more than `exactTotalMax`. */
export function countAccessCodes(db: Db, eventId: number): Promise<number> {
  const planned = sql`SELECT FROM access_codes WHERE event_id = ${eventId}`;
  return countTotal(db, { walk: (countMax) => sql`${planned} LIMIT ${countMax}`, planned });
}

/** A code that a purchase names. */
export type FoundCode = Readonly<{
  eventId: number;
  digest: Buffer;
  id: number;
  ticketTypes: string[];
  maxPerOrder: number | null;
}>;

/** The codes that exist and are not revoked. Index used: UNIQUE (event_id, digest). */
export async function findAccessCodes(
  db: Db,
  codes: readonly Readonly<{ eventId: number; digest: Buffer }>[],
): Promise<FoundCode[]> {
  const { rows } = await sql<FoundCode>`
    SELECT requested.event_id AS "eventId", requested.digest, code.id, code.ticket_types AS "ticketTypes",
           code.max_per_order AS "maxPerOrder"
    FROM unnest(${codes.map(({ eventId }) => eventId)}::int[], ${codes.map(({ digest }) => digest)}::bytea[])
           AS requested (event_id, digest)
    CROSS JOIN LATERAL (
      SELECT * FROM access_codes a
      WHERE a.event_id = requested.event_id AND a.digest = requested.digest AND a.revoked_at IS NULL OFFSET 0
    ) AS code`.execute(db);
  return rows;
}
