-- What the last audit of each event found: people look at it without reading every order of the event again. Written
-- when an audit ends, so it costs the sale nothing. No foreign key, which would lock `events` while the table is made.
CREATE TABLE audits (
  event_id    integer     PRIMARY KEY,
  -- When its snapshot was taken.
  checked_at  timestamptz NOT NULL,
  order_count integer     NOT NULL,
  -- As the API shows them: invariant, name, ok, violations, examples.
  checks      jsonb       NOT NULL
);
