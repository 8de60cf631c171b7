-- Accounts, their events, and the stock of each ticket type.

CREATE TABLE accounts (
  id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Without API keys every request belongs to this account.
INSERT INTO accounts (name) VALUES ('default');

CREATE TABLE events (
  id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer     NOT NULL REFERENCES accounts (id),
  code       text        NOT NULL,
  name       text        NOT NULL,
  start_time timestamptz NOT NULL,
  end_time   timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (account_id, code),
  CHECK (end_time > start_time)
);

-- One row per event and ticket type. Every batch updates it, so most of its page is kept free for heap-only updates.
-- `allocated` counts held and sold tickets together: confirming a hold never touches this row. `version` fences the
-- optimistic strategy. `decided_seq` is the `seq` of the last order that was decided for this ticket type.
CREATE TABLE inventory (
  event_id    integer NOT NULL REFERENCES events (id),
  ticket_type text    NOT NULL,
  total       integer NOT NULL,
  allocated   integer NOT NULL DEFAULT 0,
  version     bigint  NOT NULL DEFAULT 1,
  decided_seq bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (event_id, ticket_type),
  CHECK (allocated BETWEEN 0 AND total)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Every total an inventory row ever had, and after which decision it took effect, so that the audit can
-- replay a sale whose stock was changed while it ran.
CREATE TABLE inventory_totals (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id    integer     NOT NULL,
  ticket_type text        NOT NULL,
  total       integer     NOT NULL,
  after_seq   bigint      NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (event_id, ticket_type) REFERENCES inventory (event_id, ticket_type)
);
CREATE INDEX inventory_totals_by_event ON inventory_totals (event_id, id);
