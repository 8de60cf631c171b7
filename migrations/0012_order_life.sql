-- The life of an order after its first decision: holds, payments, cancellations, baskets. Processes of the version
-- before go on with their statements: columns have defaults, and a view keeps the name inventory_totals.

-- Nobody can buy while these locks are waited for, so a start gives up soon when another transaction has the tables.
SET LOCAL lock_timeout = '2s';
LOCK TABLE inventory, inventory_totals, orders, outbox, processes IN ACCESS EXCLUSIVE MODE;

-- `terms` is what the request said beyond the columns: `lines` of a basket, `holdSeconds`, `allowPartial`, `prices`
-- of the lines and their `currency`; null for a plain purchase without a price. A basket has no `ticket_type`, and its
-- `quantity` is the number of its tickets. Both are as requested and never change.
-- `items` is what the order has now, when that is not what was requested. `shortage` says what a rejected order, or the
-- part that was not granted, lacked. `expires_at` stays when the hold ends.
ALTER TABLE orders
  ALTER COLUMN ticket_type DROP NOT NULL,
  ADD COLUMN terms             jsonb,
  ADD COLUMN items             jsonb,
  ADD COLUMN shortage          jsonb,
  ADD COLUMN expires_at        timestamptz,
  ADD COLUMN payment_reference text COLLATE "C",
  -- A worker of the version before that starts again would sell what is to be held. It rejects an order whose decision
  -- breaks a constraint. Rows that exist have no terms, so they need no check, which would read the whole table.
  ADD CONSTRAINT orders_held_first
    CHECK (terms -> 'holdSeconds' IS NULL OR status <> 'CONFIRMED' OR expires_at IS NOT NULL) NOT VALID;

-- The price of one ticket in the currency's minor unit.
ALTER TABLE inventory
  ADD COLUMN price_amount   bigint CHECK (price_amount >= 0),
  ADD COLUMN price_currency text COLLATE "C" CHECK (price_currency ~ '^[A-Z]{3}$'),
  ADD CHECK ((price_amount IS NULL) = (price_currency IS NULL));

-- The tickets of held orders, one row per line. Deleting an order's rows is the claim to end its hold: confirming,
-- cancelling and expiry all do that. The rows live for minutes, so vacuum by count.
CREATE TABLE holds (
  order_id    uuid        NOT NULL,
  ticket_type text        COLLATE "C" NOT NULL,
  event_id    integer     NOT NULL,
  quantity    integer     NOT NULL CHECK (quantity > 0),
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (order_id, ticket_type)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
-- The holds of a bucket that expire next.
CREATE INDEX holds_due ON holds ((event_id & 63), expires_at);
-- How many tickets of an event are held.
CREATE INDEX holds_by_event ON holds (event_id, ticket_type) INCLUDE (quantity);

-- Tickets that a cancelled order gave back and that the lane has not put on sale yet. Until then they count as held.
CREATE TABLE returns (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id    integer     NOT NULL,
  order_id    uuid        NOT NULL,
  ticket_type text        COLLATE "C" NOT NULL,
  quantity    integer     NOT NULL CHECK (quantity > 0),
  actor       text        NOT NULL,
  reason      text,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX returns_by_bucket ON returns ((event_id & 63), id);
CREATE INDEX returns_by_event ON returns (event_id, ticket_type) INCLUDE (quantity);

-- Payments with a reference that confirmed an order, payments that came after the hold had expired, and payments that
-- have to be refunded. A late payment has a number of the orders' sequence: its place in the line. `outcome` is null until the lane has decided.
CREATE TABLE payments (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer     NOT NULL,
  event_id   integer     NOT NULL,
  order_id   uuid        NOT NULL,
  reference  text        COLLATE "C",
  seq        bigint,
  outcome    text        CHECK (outcome IN ('confirmed', 'refund-required')),
  actor      text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_at timestamptz,
  CHECK ((outcome IS NULL) = (decided_at IS NULL)),
  CHECK (outcome IS NOT NULL OR seq IS NOT NULL)
);
CREATE UNIQUE INDEX payments_by_order ON payments (order_id, reference);
CREATE UNIQUE INDEX payments_undecided_by_order ON payments (order_id) WHERE outcome IS NULL;
CREATE INDEX payments_undecided ON payments ((event_id & 63), seq) WHERE outcome IS NULL;
CREATE INDEX payments_by_reference ON payments (account_id, reference) WHERE reference IS NOT NULL;
CREATE INDEX payments_refunds ON payments (event_id, id) WHERE outcome = 'refund-required';

-- Every transition after an order's first decision. `seq` is a number of the orders' sequence, which orders the
-- transitions of an event, together with its first decisions.
CREATE TABLE order_history (
  order_id        uuid         NOT NULL,
  version         integer      NOT NULL,
  event_id        integer      NOT NULL,
  seq             bigint       NOT NULL,
  at              timestamptz  NOT NULL,
  from_status     order_status NOT NULL,
  to_status       order_status NOT NULL,
  actor           text         NOT NULL,
  reason          text,
  -- The tickets that were given back, when the order kept others.
  items           jsonb,
  -- Of a request with a key: a second one with the same key changes nothing.
  idempotency_key text         COLLATE "C",
  fingerprint     bytea,
  PRIMARY KEY (order_id, version)
);
CREATE UNIQUE INDEX order_history_idempotency ON order_history (order_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX order_history_by_event ON order_history (event_id, seq);

-- What changed a ticket type's stock and was no decision on a purchase. The audit replays it together with the orders.
-- `quantity` counts the tickets that came back or were asked for.
ALTER TABLE inventory_totals RENAME TO ledger;
ALTER INDEX inventory_totals_by_event RENAME TO ledger_by_event;
ALTER TABLE ledger
  ALTER COLUMN total DROP NOT NULL,
  ADD COLUMN cause    text    NOT NULL DEFAULT 'total'
    CHECK (cause IN ('total', 'return', 'expiry', 'late-payment', 'late-payment-refused')),
  ADD COLUMN quantity integer NOT NULL DEFAULT 0,
  ADD COLUMN order_id uuid,
  ADD COLUMN actor    text,
  ADD COLUMN reason   text,
  ADD CHECK ((total IS NULL) = (cause <> 'total'));
CREATE VIEW inventory_totals AS
  SELECT id, event_id, ticket_type, total, after_seq, changed_at FROM ledger WHERE cause = 'total';

-- The state that an outbox row tells of: the order may have changed again when the row's body is built. Rows of the
-- version before have none of it, and their order has not changed since.
ALTER TABLE outbox
  ADD COLUMN version    integer,
  ADD COLUMN status     order_status,
  ADD COLUMN items      jsonb,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN payment_reference text COLLATE "C",
  ADD COLUMN detail     jsonb;

-- What a process can do: 1 decides plain purchases, 2 the whole life of an order. Requests that need more than some
-- process can do are refused for as long as it runs.
ALTER TABLE processes ADD COLUMN capability integer NOT NULL DEFAULT 1;
