-- The tables of the synchronous designs and the hot row, with as few indexes as possible: orders have their primary key
-- and the idempotency key. The low fillfactor leaves space for heap-only updates of the stock row.

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
