-- An order's deliveries, for people who look at the order. Order ids rise with time, so the index grows at its end.
CREATE INDEX webhook_deliveries_by_order ON webhook_deliveries (order_id) WHERE order_id IS NOT NULL;
