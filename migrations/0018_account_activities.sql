-- Who changed what of an account: its webhook endpoints and API keys. What is changed of an event is in `activities`.
CREATE TABLE account_activities (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer     NOT NULL REFERENCES accounts (id),
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor      text        NOT NULL,
  action     text        NOT NULL,
  -- The id of the endpoint or of the key; the entry outlives it.
  subject    text        NOT NULL,
  detail     jsonb       NOT NULL
);
CREATE INDEX account_activities_by_subject ON account_activities (subject, id);
