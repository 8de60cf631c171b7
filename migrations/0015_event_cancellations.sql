-- Cancelled events, and how far the cancellation of their orders has got. A worker that cancels a batch of orders has the
-- event's row locked, and writes with the same commit where the next batch begins.
SET LOCAL lock_timeout = '2s';

CREATE TABLE event_cancellations (
  event_id      integer     PRIMARY KEY REFERENCES events (id),
  actor         text        NOT NULL,
  reason        text,
  started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The orders to cancel are counted first; until `counted_at` is set, `total` counts those up to `after_seq`.
  counted_at    timestamptz,
  total         integer     NOT NULL DEFAULT 0,
  cancelled     integer     NOT NULL DEFAULT 0,
  after_seq     bigint      NOT NULL DEFAULT 0,
  -- A pause after each batch, for all workers together.
  next_batch_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at   timestamptz
) WITH (fillfactor = 50);
CREATE INDEX event_cancellations_running ON event_cancellations (event_id) WHERE finished_at IS NULL;
