// What a sale is at the moment, by PostgreSQL's clock: whatever reads it agrees with what accepts purchases.

import type { saleStates } from "@onsale/contracts/values";
import { type RawBuilder, sql } from "kysely";

export type SaleState = (typeof saleStates)[number];

/**
 * An expression for the state of an event's sale.
 *
 * @param event the table `events` or its alias
 */
export function saleStateOf(event: RawBuilder<unknown>): RawBuilder<SaleState> {
  return sql`CASE WHEN ${event}.cancelled_at IS NOT NULL THEN 'cancelled'
                WHEN ${event}.sales_end <= now() THEN 'closed'
                WHEN ${event}.is_paused THEN 'paused'
                WHEN ${event}.sales_start > now() THEN 'scheduled'
                ELSE 'open' END`;
}
