-- How often each status occurs together with each event, account or endpoint, for the totals of long lists
-- (packages/database/src/list-total.ts). ANALYZE writes these statistics; the tables and their indexes stay as they are.
-- One statistic per pair of columns: PostgreSQL estimates badly from one that has more columns than the condition.
CREATE STATISTICS orders_by_event_and_status (mcv) ON event_id, status FROM orders;
CREATE STATISTICS orders_by_account_and_status (mcv) ON account_id, status FROM orders;
CREATE STATISTICS webhook_deliveries_by_endpoint_and_status (mcv) ON endpoint_id, status FROM webhook_deliveries;
