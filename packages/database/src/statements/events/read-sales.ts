// Reads the stock and the number of pending orders of some events, for the streams of sales. No locks. Indexes used:
// the primary key of events; inventory_newest, buckets_newest; orders_by_event, the end of each event's part of it.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { heldOf, stockOfEvent } from "../newest.ts";
import { decidedThrough } from "../pending/pending.ts";
import { type EventRow, poolNamesOf, poolsJson } from "./event-row.ts";
import { type InventoryRow, inventoryJson } from "./get-inventory.ts";
import { type SaleState, saleStateOf } from "./sale-state.ts";

export type SaleRow = Readonly<{
  eventId: number;
  /** When it was read. */
  at: Date;
  /** Rises with every batch and every change of a total. */
  version: number;
  saleState: SaleState;
  salesStart: Date | null;
  salesEnd: Date | null;
  inventory: readonly InventoryRow[];
  pending: number;
}>;

/** A sale with what buyers do not see of it: hidden ticket types, and the pools. */
export type RuledSaleRow = Omit<SaleRow, "inventory"> &
  Readonly<{
    /** `pools`: the names of those that it draws on; missing when there are none. */
    inventory: readonly (InventoryRow & Readonly<{ pools?: readonly string[] }>)[];
    pools: EventRow["pools"];
  }>;

/** The events with these ids that exist, with the ticket types that everybody sees. */
export function readSales(db: Db, eventIds: readonly number[]): Promise<SaleRow[]> {
  return select<SaleRow>(db, eventIds, {
    inventory: sql`json_agg(${inventoryJson()} ORDER BY ticket_type) FILTER (WHERE NOT is_hidden)`,
    pools: sql``,
  });
}

/** The events with these ids that exist, with all their ticket types and pools: for the console. */
export function readRuledSales(db: Db, eventIds: readonly number[]): Promise<RuledSaleRow[]> {
  const poolNames = sql`, 'pools', ${poolNamesOf(sql`stock`)}`;
  return select<RuledSaleRow>(db, eventIds, {
    inventory: sql`json_agg(${inventoryJson(poolNames)} ORDER BY ticket_type)`,
    pools: sql`${poolsJson(sql`e.id`)} AS pools,`,
  });
}

type Columns = Readonly<Record<"inventory" | "pools", RawBuilder<unknown>>>;

async function select<Row>(db: Db, eventIds: readonly number[], columns: Columns): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT e.id AS "eventId", now() AS at, coalesce(stock.version, 0)::float8 AS version,
           e.sales_start AS "salesStart", e.sales_end AS "salesEnd", ${saleStateOf(sql`e`)} AS "saleState",
           coalesce(stock.inventory, '[]') AS inventory, ${columns.pools}
           (SELECT count(*) FROM (
              SELECT FROM orders
              WHERE event_id = e.id AND status = 'PENDING' AND seq > ${decidedThrough(sql`e.id`)}
              ORDER BY event_id, seq OFFSET 0) AS of_event) AS pending
    FROM events e CROSS JOIN LATERAL (
      SELECT sum(version) AS version,
             ${columns.inventory} AS inventory
      FROM (
        SELECT own.*, ${heldOf(sql`own.event_id`, sql`own.ticket_type`)} AS held
        FROM ${stockOfEvent(sql`e.id`)} AS own OFFSET 0
      ) AS stock
    ) AS stock
    WHERE e.id = ANY(${eventIds}::int[])`.execute(db);
  return rows;
}
