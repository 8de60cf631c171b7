// Lists the orders at the head of an event's waiting list, for people. No locks. Indexes used: the primary keys of
// waiting and orders.
import type { Line } from "@onsale/domain/decide";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

/** An order that waits, with the lines that it waits for. */
export type WaitingRow = Readonly<{
  id: string;
  lines: readonly Line[];
  customerRef: string | null;
  ageSeconds: number;
}>;

/** The first in line first, at most `countMax`. */
export async function listWaiting(db: Db, eventId: number, countMax: number): Promise<WaitingRow[]> {
  const { rows } = await sql<WaitingRow>`
    SELECT o.id, w.lines, o.customer_ref AS "customerRef",
           greatest(0, extract(epoch FROM clock_timestamp() - o.created_at))::float8 AS "ageSeconds"
    FROM (
      SELECT seq, order_id, lines FROM waiting
      WHERE event_id = ${eventId}::int ORDER BY event_id, seq LIMIT ${countMax}::int
    ) AS w JOIN orders o ON o.id = w.order_id
    ORDER BY w.seq`.execute(db);
  return rows;
}
