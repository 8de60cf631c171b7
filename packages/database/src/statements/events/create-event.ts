// Creates an event with its stock in one transaction, and notifies the gateways. Locks: the account's row, shared,
// because of the foreign key. Index used: UNIQUE (account_id, code). A second run finds the code taken and changes
// nothing.
import type { Price } from "@onsale/contracts/price";
import { sql } from "kysely";
import { catalogueChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";
import { changeRules, changesRules, type RulesChange, type TypeRules } from "../rules/change-rules.ts";

export type TicketTypeToCreate = Readonly<{
  ticketType: string;
  total: number;
  price?: Price | undefined;
  salesStart?: Date | null | undefined;
  salesEnd?: Date | null | undefined;
  maxPerOrder?: number | null | undefined;
  maxPerCustomer?: number | null | undefined;
  pools?: readonly string[] | undefined;
  isHidden?: boolean | undefined;
}>;

/** The caller has checked that the ticket types are distinct and that every end is after its beginning. */
export type EventToCreate = Readonly<{
  code: string;
  name: string;
  startTime: Date;
  endTime: Date;
  salesStart?: Date | null | undefined;
  salesEnd?: Date | null | undefined;
  maxPerOrder?: number | null | undefined;
  ticketTypes: readonly TicketTypeToCreate[];
}> &
  Omit<RulesChange, "ticketTypes">;

/**
 * @param actor who creates it, for the ledger
 * @returns false when the account already has an event with this code
 * @throws RulesRefusedError
 */
export function createEvent(db: Db, accountId: number, event: EventToCreate, actor = "onsale"): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { code, name, startTime, endTime, salesStart, salesEnd, maxPerOrder, ticketTypes } = event;
    const inserted = await tx
      .insertInto("events")
      .values({
        account_id: accountId,
        code,
        name,
        start_time: startTime,
        end_time: endTime,
        sales_start: salesStart,
        sales_end: salesEnd,
        max_per_order: maxPerOrder,
      })
      .onConflict((conflict) => conflict.columns(["account_id", "code"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    if (inserted === undefined) return false;

    const names = ticketTypes.map((type) => type.ticketType);
    const totals = ticketTypes.map((type) => type.total);
    const amounts = ticketTypes.map((type) => type.price?.amount ?? null);
    const currencies = ticketTypes.map((type) => type.price?.currency ?? null);
    const starts = ticketTypes.map((type) => type.salesStart ?? null);
    const ends = ticketTypes.map((type) => type.salesEnd ?? null);
    const limits = ticketTypes.map((type) => type.maxPerOrder ?? null);
    await sql`
      WITH stock AS (
        INSERT INTO inventory (event_id, ticket_type, total, price_amount, price_currency, sales_start, sales_end,
                               max_per_order)
        SELECT ${inserted.id}::int, *
        FROM unnest(${names}::text[], ${totals}::int[], ${amounts}::bigint[], ${currencies}::text[],
                    ${starts}::timestamptz[], ${ends}::timestamptz[], ${limits}::int[])
        RETURNING event_id, ticket_type, total
      )
      INSERT INTO ledger (event_id, ticket_type, total, after_seq)
      SELECT event_id, ticket_type, total, 0 FROM stock`.execute(tx);
    const { maxPerCustomer, offerSeconds, waitlistPolicy, pools } = event;
    const rules = { maxPerCustomer, offerSeconds, waitlistPolicy, pools, ticketTypes: ticketTypes.map(toTypeRules) };
    if (changesRules(rules)) await changeRules(tx, { accountId, eventId: inserted.id, eventCode: code, actor }, rules);
    await sql`SELECT pg_notify(${catalogueChannel}, ${`${accountId}:${code}`})`.execute(tx);
    return true;
  });
}

function toTypeRules({ ticketType, pools, maxPerCustomer, isHidden }: TicketTypeToCreate): TypeRules {
  return { ticketType, pools, maxPerCustomer, isHidden };
}
