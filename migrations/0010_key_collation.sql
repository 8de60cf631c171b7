-- Keys are compared byte by byte, whatever the database's collation is. The order of a collation of the operating system
-- can change when the system is upgraded; then unique indexes on text miss rows, and a replayed purchase would become a
-- second order (docs/decisions/0016-keys-in-byte-order.md).

-- Nobody can buy while these locks are waited for, so a start gives up soon when another transaction has the tables.
SET LOCAL lock_timeout = '2s';
LOCK TABLE inventory, inventory_totals, orders, events, accounts, api_keys IN ACCESS EXCLUSIVE MODE;

-- Building the index anew takes 4 s for a million orders, in which nobody could buy. Where there are orders, the process
-- that migrates has built it beforehand, beside the sale (packages/database/src/order-indexes.ts).
DO $$
BEGIN
  IF to_regclass('orders_idempotency_c') IS NULL THEN
    ALTER TABLE orders ALTER COLUMN idempotency_key TYPE text COLLATE "C";
  ELSE
    ALTER TABLE orders DROP CONSTRAINT orders_idempotency;
    ALTER TABLE orders ALTER COLUMN idempotency_key TYPE text COLLATE "C";
    ALTER TABLE orders ADD CONSTRAINT orders_idempotency UNIQUE USING INDEX orders_idempotency_c;
  END IF;
END
$$;
ALTER TABLE orders ALTER COLUMN ticket_type TYPE text COLLATE "C";

ALTER TABLE events ALTER COLUMN code TYPE text COLLATE "C";
ALTER TABLE inventory ALTER COLUMN ticket_type TYPE text COLLATE "C";
ALTER TABLE inventory_totals ALTER COLUMN ticket_type TYPE text COLLATE "C";
ALTER TABLE accounts ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE api_keys ALTER COLUMN id TYPE text COLLATE "C";

-- Older processes prepare statements that return these columns. PostgreSQL refuses such a statement for as long as its
-- session lives ("cached plan must not change result type"), and an older process keeps the session: its buyers would
-- get 500, and its orders no decision. So their sessions end here, those that this role may end; the new ones wait for
-- this transaction.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pg_has_role(usesysid, 'USAGE')
  AND application_name IN ('onsale-gateway', 'onsale-worker', 'onsale-notifier', 'onsale-admin');
