-- Who wants to be told what becomes of orders, what there is to tell, and how telling went.

-- `secret` and `previous_secret` are sealed (AES-256-GCM); the key is not in the database.
CREATE TABLE webhook_endpoints (
  id                      uuid        NOT NULL PRIMARY KEY,
  account_id              integer     NOT NULL REFERENCES accounts (id),
  -- Only what concerns this event, or everything of the account.
  event_id                integer     REFERENCES events (id),
  url                     text        NOT NULL,
  types                   text[]      NOT NULL,
  description             text,
  secret                  bytea       NOT NULL,
  previous_secret         bytea,
  previous_secret_expires timestamptz,
  -- Since when no attempt has succeeded; null while the last one did.
  failing_since           timestamptz,
  -- It is told of what happens from then on: since it was registered, or enabled again.
  active_since            timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at             timestamptz,
  disabled_reason         text,
  created_at              timestamptz NOT NULL DEFAULT now(),
  updated_at              timestamptz NOT NULL DEFAULT now(),
  CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
  CHECK ((previous_secret IS NULL) = (previous_secret_expires IS NULL))
);
CREATE INDEX webhook_endpoints_by_account ON webhook_endpoints (account_id, created_at);

-- One row per order transition that some endpoint wants, written in the transaction of the transition and deleted in the
-- one that makes its deliveries. It stays short: vacuum it by count.
CREATE TABLE outbox (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   uuid        NOT NULL,
  type       text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

CREATE TYPE webhook_delivery_status AS ENUM ('PENDING', 'DELIVERED', 'FAILED');

-- One fact for one endpoint. Its id is the `webhook-id` of every attempt.
CREATE TABLE webhook_deliveries (
  id              uuid        NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
  seq             bigint      GENERATED ALWAYS AS IDENTITY,
  endpoint_id     uuid        NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
  -- The outbox row that it comes from; a ping has none.
  outbox_id       bigint,
  order_id        uuid,
  type            text        NOT NULL,
  body            text        NOT NULL,
  status          webhook_delivery_status NOT NULL DEFAULT 'PENDING',
  -- Attempts of this delivery in all, and of its present run through the schedule.
  attempt_count   integer     NOT NULL DEFAULT 0,
  schedule_step   integer     NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at     timestamptz,
  UNIQUE (endpoint_id, outbox_id),
  CHECK ((status = 'PENDING') = (finished_at IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
-- What is to be sent next, endpoint by endpoint.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, seq) WHERE status = 'PENDING';
-- An endpoint's deliveries for people, the newest first.
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, seq);

-- One POST. `result` is a word of the notifier's (docs/webhooks.md).
CREATE TABLE webhook_attempts (
  delivery_id   uuid        NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  number        integer     NOT NULL,
  result        text        NOT NULL,
  -- Of the answer, when there was one; at most its first 1 KiB.
  status        integer,
  response_body text,
  -- What happened, when there was none.
  error         text,
  started_at    timestamptz NOT NULL,
  duration_ms   integer     NOT NULL,
  PRIMARY KEY (delivery_id, number)
);
