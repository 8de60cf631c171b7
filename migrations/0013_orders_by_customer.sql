-- The orders of a customer, for lists. It has only orders with a reference, and no column that changes, so a plain
-- purchase and every decision leave it alone. Where there are orders, the process that migrates has built it
-- beforehand, beside the sale (packages/database/src/order-indexes.ts).
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (account_id, customer_ref COLLATE "C", seq)
  WHERE customer_ref IS NOT NULL;
