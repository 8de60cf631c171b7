-- Webhooks: the endpoints that subscribe to decisions, the outbox, the deliveries and their attempts.

-- `secret` and `previous_secret` are sealed (AES-256-GCM); the key is not in the database.
CREATE TABLE webhook_endpoints (
  id                      uuid        NOT NULL PRIMARY KEY,
  account_id              integer     NOT NULL REFERENCES accounts (id),
  -- Only orders of this event; null for all orders of the account.
  event_id                integer     REFERENCES events (id),
  url                     text        NOT NULL,
  types                   text[]      NOT NULL,
  description             text,
  secret                  bytea       NOT NULL,
  previous_secret         bytea,
  previous_secret_expires timestamptz,
  -- Since when every attempt has failed; null after a success.
  failing_since           timestamptz,
  -- When it was registered or enabled again; it gets what has happened since then.
  active_since            timestamptz NOT NULL DEFAULT clock_timestamp(),
  disabled_at             timestamptz,
  disabled_reason         text,
  created_at              timestamptz NOT NULL DEFAULT now(),
  updated_at              timestamptz NOT NULL DEFAULT now(),
  CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
  CHECK ((previous_secret IS NULL) = (previous_secret_expires IS NULL))
);
CREATE INDEX webhook_endpoints_by_account ON webhook_endpoints (account_id, created_at);

-- One row per order transition that some endpoint subscribes to. The transaction of the transition writes it, and the
-- one that makes its deliveries deletes it. The table stays short: vacuum it by count.
CREATE TABLE outbox (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   uuid        NOT NULL,
  type       text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

CREATE TYPE webhook_delivery_status AS ENUM ('PENDING', 'DELIVERED', 'FAILED');

-- An outbox row, or a ping, for one endpoint. Its id is the `webhook-id` of every attempt.
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
  -- Attempts of this delivery: in all, and since its schedule was last begun.
  attempt_count   integer     NOT NULL DEFAULT 0,
  schedule_step   integer     NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at     timestamptz,
  UNIQUE (endpoint_id, outbox_id),
  CHECK ((status = 'PENDING') = (finished_at IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
-- The deliveries to send next, for each endpoint.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, seq) WHERE status = 'PENDING';
-- An endpoint's deliveries in lists, the newest first.
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, seq);

-- One POST. docs/webhooks.md has the values of `result`.
CREATE TABLE webhook_attempts (
  delivery_id   uuid        NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  number        integer     NOT NULL,
  result        text        NOT NULL,
  -- Of the response, when there was one; at most the first 1 KiB of its body.
  status        integer,
  response_body text,
  -- Why there was no response.
  error         text,
  started_at    timestamptz NOT NULL,
  duration_ms   integer     NOT NULL,
  PRIMARY KEY (delivery_id, number)
);
