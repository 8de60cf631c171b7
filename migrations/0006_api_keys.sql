-- API keys, each of one account. The key itself is shown once and never stored.

-- People refer to accounts by name.
ALTER TABLE accounts ADD CONSTRAINT accounts_name UNIQUE (name);

CREATE TABLE api_keys (
  -- The public part of the key.
  id           text        NOT NULL PRIMARY KEY CHECK (id ~ '^[0-9A-Za-z]{12}$'),
  account_id   integer     NOT NULL REFERENCES accounts (id),
  name         text        NOT NULL,
  -- SHA-256 of the whole key.
  hash         bytea       NOT NULL CHECK (octet_length(hash) = 32),
  scopes       text[]      NOT NULL CHECK (cardinality(scopes) > 0),
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  -- To the minute.
  last_used_at timestamptz
);
CREATE INDEX api_keys_by_account ON api_keys (account_id, created_at);
