-- The rules of a sale: windows, limits, shared capacity, access codes, the waiting list. Processes of the version before
-- go on with their statements: columns have defaults, and an event has none of the new rules until somebody sets them.

-- Nobody can buy while these locks are waited for, so a start gives up soon when another transaction has the tables.
SET LOCAL lock_timeout = '2s';
LOCK TABLE events, inventory, orders, returns, ledger IN ACCESS EXCLUSIVE MODE;

-- Not used in this transaction, in which it cannot be used yet.
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'WAITING';

-- Null means without that rule. Purchases are accepted from `sales_start` to before `sales_end`.
ALTER TABLE events
  ADD COLUMN sales_start      timestamptz,
  ADD COLUMN sales_end        timestamptz,
  ADD COLUMN is_paused        boolean NOT NULL DEFAULT false,
  ADD COLUMN cancelled_at     timestamptz,
  ADD COLUMN max_per_order    integer CHECK (max_per_order > 0),
  ADD COLUMN max_per_customer integer CHECK (max_per_customer > 0),
  ADD COLUMN offer_seconds    integer NOT NULL DEFAULT 600,
  ADD COLUMN waitlist_policy  text    NOT NULL DEFAULT 'skip' CHECK (waitlist_policy IN ('skip', 'strict')),
  ADD CHECK (sales_end > sales_start);

-- A row is a counter: the stock of a ticket type, or a pool on which ticket types draw (docs/decisions/0020-rules.md).
-- The names of pools begin with a small letter, those of ticket types do not: `pool:HALL`, and `event` for the pool of
-- all ticket types of an event that has rules. `pools` are the counters on which a ticket type draws besides its own;
-- null in an event without rules. `allocated` of a pool is the sum of its ticket types'.
ALTER TABLE inventory
  ADD COLUMN sales_start      timestamptz,
  ADD COLUMN sales_end        timestamptz,
  ADD COLUMN max_per_order    integer CHECK (max_per_order > 0),
  ADD COLUMN max_per_customer integer CHECK (max_per_customer > 0),
  ADD COLUMN is_hidden        boolean NOT NULL DEFAULT false,
  ADD COLUMN pools            text[] COLLATE "C",
  -- True in every row of an event that was cancelled: from then on the lane rejects whatever draws on it.
  ADD COLUMN is_cancelled     boolean NOT NULL DEFAULT false,
  -- Lines of waiting orders that draw on the counter once they are offered tickets.
  ADD COLUMN waiting          integer NOT NULL DEFAULT 0 CHECK (waiting >= 0),
  -- Of the pool `event`: since when something is left that the waiting list has not been looked through for.
  ADD COLUMN offer_due_since  timestamptz,
  ADD CHECK (sales_end > sales_start);

-- What a customer has of an event, or of a ticket type of it, while that has a limit per customer. `customer` is a keyed
-- hash of the reference; the ticket type is '' for the whole event. A row is made when the customer is first met, by
-- counting their orders. Only the lane and changes of limits write it, under the version of the pool `event`.
CREATE TABLE customer_counters (
  event_id    integer NOT NULL,
  customer    bytea   NOT NULL,
  ticket_type text    COLLATE "C" NOT NULL,
  used        integer NOT NULL,
  PRIMARY KEY (event_id, customer, ticket_type)
) WITH (fillfactor = 70);

-- Codes that open hidden ticket types or raise limits. `digest` is a keyed hash of the code, `hint` its last characters.
-- `used` counts the orders that use the code; as above, only under the version of the pool `event`.
CREATE TABLE access_codes (
  id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id      integer     NOT NULL REFERENCES events (id),
  digest        bytea       NOT NULL,
  hint          text        NOT NULL,
  ticket_types  text[]      COLLATE "C" NOT NULL,
  max_uses      integer     NOT NULL CHECK (max_uses > 0),
  max_per_order integer     CHECK (max_per_order > 0),
  used          integer     NOT NULL DEFAULT 0 CHECK (used >= 0),
  created_at    timestamptz NOT NULL DEFAULT now(),
  revoked_at    timestamptz,
  UNIQUE (event_id, digest)
) WITH (fillfactor = 70);
CREATE INDEX access_codes_by_event ON access_codes (event_id, id);

-- Orders that wait for tickets, in their order. What the lane needs of them is here, so that it need not read `orders`.
CREATE TABLE waiting (
  event_id integer NOT NULL,
  seq      bigint  NOT NULL,
  order_id uuid    NOT NULL,
  lines    jsonb   NOT NULL,
  -- Of an order with one line; null of a basket.
  ticket_type text COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN jsonb_array_length(lines) = 1 THEN lines -> 0 ->> 'ticketType' END) STORED,
  quantity integer GENERATED ALWAYS AS (
    CASE WHEN jsonb_array_length(lines) = 1 THEN (lines -> 0 ->> 'quantity')::integer END) STORED,
  PRIMARY KEY (event_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
-- Passes the orders that ask for more than is left, without reading them.
CREATE INDEX waiting_by_type ON waiting (event_id, ticket_type, seq) INCLUDE (quantity);

-- The customer's keyed hash, of orders whose terms do not have it: they were accepted before the event had a limit per
-- customer, or their reference was erased.
ALTER TABLE orders
  ADD COLUMN customer bytea,
  -- A worker of the version before that starts again would ignore the rules. Orders under rules say so in their terms,
  -- and a worker of this version always writes the items of those. An older one breaks the constraint and rejects them.
  ADD CONSTRAINT orders_rules_kept
    CHECK (terms -> 'ruled' IS NULL OR status NOT IN ('HELD', 'CONFIRMED') OR items IS NOT NULL) NOT VALID;

-- Orders whose reference was erased, by that hash, so that a limit which is new still finds them. An index of `orders`
-- would be built while nobody can buy, and make the updates of indexed columns dearer.
CREATE TABLE forgotten_orders (
  event_id integer NOT NULL,
  customer bytea   NOT NULL,
  order_id uuid    NOT NULL,
  PRIMARY KEY (event_id, customer, order_id)
);

-- An order that waits gives back no stock, only what it has of limits and codes; the use of a code comes back when the
-- order ends.
ALTER TABLE returns
  ADD COLUMN is_stock   boolean NOT NULL DEFAULT true,
  -- Whether the order waits no longer for this line.
  ADD COLUMN ends_line  boolean NOT NULL DEFAULT false,
  ADD COLUMN ends_order boolean NOT NULL DEFAULT false;

DROP INDEX returns_by_event;
CREATE INDEX returns_by_event ON returns (event_id, ticket_type) INCLUDE (quantity, is_stock);
-- The lane looks whether an order has some, before it decides the order's late payment.
CREATE INDEX returns_by_order ON returns (order_id);

ALTER TABLE ledger
  DROP CONSTRAINT ledger_cause_check,
  DROP CONSTRAINT ledger_check,
  ADD COLUMN detail jsonb,
  ADD CHECK (cause IN ('total', 'return', 'expiry', 'late-payment', 'late-payment-refused', 'offer', 'move', 'rules',
                   'cancellation')),
  ADD CHECK ((total IS NULL) = (cause NOT IN ('total', 'move')));

-- Who changed what of an event: windows, pauses, limits, pools, codes, totals, cancellation.
CREATE TABLE activities (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id integer     NOT NULL REFERENCES events (id),
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor    text        NOT NULL,
  action   text        NOT NULL,
  detail   jsonb       NOT NULL
);
CREATE INDEX activities_by_event ON activities (event_id, id);

-- The digest of each key that all processes have to share; a process with another key does not start.
CREATE TABLE key_digests (
  name   text  PRIMARY KEY,
  digest bytea NOT NULL
);
