-- Files that orders of past events were moved to. A row is made once its file was read back and found whole; orders are
-- deleted after that only.
CREATE TABLE archives (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id    integer     NOT NULL REFERENCES events (id),
  -- As the command line was given it.
  file        text        NOT NULL,
  -- SHA-256 of what is in the file, in hexadecimal.
  digest      text        NOT NULL,
  order_count integer     NOT NULL,
  verified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Of the deleted orders: how many there were in each status, and the tickets that the confirmed ones have, by type.
  counts      jsonb       NOT NULL DEFAULT '{}',
  tickets     jsonb       NOT NULL DEFAULT '{}',
  finished_at timestamptz
);
CREATE INDEX archives_by_event ON archives (event_id, id);
CREATE UNIQUE INDEX archives_unfinished ON archives (event_id) WHERE finished_at IS NULL;
