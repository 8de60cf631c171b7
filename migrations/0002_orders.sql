-- The orders table is the log: a purchase is accepted when its row is committed.

CREATE TYPE order_status AS ENUM ('PENDING', 'HELD', 'CONFIRMED', 'REJECTED', 'EXPIRED', 'CANCELLED');
CREATE TYPE purchase_strategy AS ENUM ('optimistic', 'pessimistic');

-- No foreign keys: each would cost a row lock per order on the hot path, accounts and events are never
-- deleted, and the gateway takes both ids from committed rows.
CREATE TABLE orders (
  id              uuid              NOT NULL PRIMARY KEY,
  seq             bigint            GENERATED ALWAYS AS IDENTITY,
  account_id      integer           NOT NULL,
  event_id        integer           NOT NULL,
  quantity        integer           NOT NULL CHECK (quantity > 0),
  version         integer           NOT NULL DEFAULT 1,
  status          order_status      NOT NULL DEFAULT 'PENDING',
  strategy        purchase_strategy NOT NULL,
  created_at      timestamptz       NOT NULL DEFAULT now(),
  decided_at      timestamptz,
  ticket_type     text              NOT NULL,
  customer_ref    text,
  reason_code     text,
  fingerprint     bytea             NOT NULL,
  idempotency_key text              NOT NULL,
  CONSTRAINT orders_idempotency UNIQUE (account_id, idempotency_key),
  CHECK ((status = 'PENDING') = (decided_at IS NULL))
) WITH (
  -- Free space on the page for the decision, which is then a heap-only update and touches no index.
  fillfactor = 45,
  -- An order is updated once, soon after it was inserted: vacuum by count, not by a share of a growing table.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
);

-- An event's orders in arrival order: for lists, the audit, and at its end the orders that are pending. An index on the
-- status would make every decision write to all indexes.
CREATE INDEX orders_by_event ON orders (event_id, seq);
