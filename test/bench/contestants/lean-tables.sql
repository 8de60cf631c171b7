-- What the synchronous designs and the hot row need, and no index more than they need: an order pays for its primary
-- key and for its idempotency key, and the stock row has room for heap-only updates.

CREATE TABLE lean_stock (
  event_id    integer NOT NULL,
  ticket_type text    NOT NULL,
  total       integer NOT NULL,
  sold        integer NOT NULL DEFAULT 0,
  version     bigint  NOT NULL DEFAULT 1,
  PRIMARY KEY (event_id, ticket_type),
  CHECK (sold BETWEEN 0 AND total)
) WITH (fillfactor = 10);

CREATE TABLE lean_orders (
  id              uuid        NOT NULL PRIMARY KEY,
  event_id        integer     NOT NULL,
  ticket_type     text        NOT NULL,
  quantity        integer     NOT NULL,
  status          text        NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  idempotency_key text        NOT NULL UNIQUE
);
