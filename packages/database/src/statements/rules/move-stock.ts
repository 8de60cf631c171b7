// Moves tickets from one ticket type to another: both totals change in one transaction, with a ledger row each. Locks:
// those of lock-event.ts, so the event gets the rules' pool if it has none. A second run moves as many once more.
import { sql } from "kysely";
import { catalogueChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { writeActivity } from "../events/write-activity.ts";
import { nextVersion, stockOf } from "../newest.ts";
import { changeRules } from "./change-rules.ts";
import { lockLiveEvent, type RulesOwner } from "./lock-event.ts";

export type Move = Readonly<{ from: string; to: string; quantity: number; reason: string }>;

export type MoveResult = Readonly<
  | { kind: "moved" }
  | { kind: "unknown-ticket-type"; ticketType: string }
  /** `available` tickets of `from` are not allocated. */
  | { kind: "too-few"; available: number }
  /** `to` would have more tickets than a ticket type can have. */
  | { kind: "too-many" }
>;

/** Ends the transaction of a refused move, so that it changes nothing: `lockLiveEvent` may have added a pool. */
class MoveRefused extends Error {
  readonly result: MoveResult;

  constructor(result: MoveResult) {
    super(`the move is refused: ${result.kind}`);
    this.result = result;
  }
}

/** @throws RulesRefusedError `event-cancelled` */
export async function moveStock(db: Db, owner: RulesOwner, move: Move, totalMax: number): Promise<MoveResult> {
  const { eventId, accountId, eventCode, actor } = owner;
  const { from, to, quantity, reason } = move;
  const moved = db.transaction().execute(async (tx): Promise<MoveResult> => {
    const counters = await lockLiveEvent(tx, eventId);
    const [source, target] = [from, to].map((ticketType) => counters.find(({ name }) => name === ticketType));
    if (source === undefined) throw new MoveRefused({ kind: "unknown-ticket-type", ticketType: from });
    if (target === undefined) throw new MoveRefused({ kind: "unknown-ticket-type", ticketType: to });
    const available = source.total - source.allocated;
    if (available < quantity) throw new MoveRefused({ kind: "too-few", available });
    if (target.total + quantity > totalMax) throw new MoveRefused({ kind: "too-many" });
    const detail = JSON.stringify({ from, to, quantity });
    await sql`
      WITH moved AS (
        UPDATE inventory i SET total = i.total + given.quantity, ${nextVersion(sql`i`)}
        FROM (VALUES (${from}::text, ${-quantity}::int), (${to}::text, ${quantity}::int)) AS given (name, quantity)
        CROSS JOIN LATERAL ${stockOf(sql`ctid`, sql`${eventId}::int`, sql`given.name`)} AS place
        WHERE i.ctid = place.ctid
        RETURNING i.ticket_type, i.total, i.decided_seq
      )
      INSERT INTO ledger (event_id, ticket_type, total, after_seq, cause, actor, reason, detail)
      SELECT ${eventId}::int, ticket_type, total, decided_seq, 'move', ${actor}, ${reason}, ${detail}::jsonb
      FROM moved`.execute(tx);
    // Somebody may wait for what came.
    await changeRules(tx, owner, {});
    await writeActivity(tx, { eventId, actor, action: "stock-moved", detail: { from, to, quantity, reason } });
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${eventCode}`})`.execute(tx);
    return { kind: "moved" };
  });
  return moved.catch((error: unknown) => {
    if (error instanceof MoveRefused) return error.result;
    throw error;
  });
}
