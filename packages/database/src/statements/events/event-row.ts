import type { Price } from "@onsale/contracts/price";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { stockOfEvent } from "../newest.ts";

/** An event with its ticket types. */
export type EventRow = Readonly<{
  id: number;
  code: string;
  name: string;
  startTime: Date;
  endTime: Date;
  createdAt: Date;
  ticketTypes: readonly Readonly<{ ticketType: string; total: number; price?: Price }>[];
}>;

/** Events of an account; the caller adds the conditions. */
export function selectEvents(db: Pick<Db, "selectFrom">, accountId: number) {
  return db
    .selectFrom("events")
    .where("events.account_id", "=", accountId)
    .select([
      "events.id",
      "events.code",
      "events.name",
      "events.start_time as startTime",
      "events.end_time as endTime",
      "events.created_at as createdAt",
      sql<EventRow["ticketTypes"]>`coalesce((
        SELECT json_agg(json_strip_nulls(json_build_object(
                 'ticketType', i.ticket_type, 'total', i.total,
                 'price', CASE WHEN i.price_amount IS NOT NULL
                               THEN json_build_object('amount', i.price_amount, 'currency', i.price_currency) END
               )) ORDER BY i.ticket_type)
        FROM ${stockOfEvent(sql`events.id`)} AS i), '[]')`.as("ticketTypes"),
    ]);
}
