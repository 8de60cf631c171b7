-- The processes of the installation, each as it described itself last: so that people see them all in one place, wherever
-- they run. A row is written once a second by its own process and means nothing without it, so it need not survive a
-- crash of the server. Few rows, rewritten all the time: room on the page keeps the updates heap-only.
CREATE UNLOGGED TABLE processes (
  id         uuid        NOT NULL PRIMARY KEY,
  kind       text        NOT NULL,
  host       text        NOT NULL,
  pid        integer     NOT NULL,
  version    text        NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  -- Samples of its metrics, by the names that they have at /metrics.
  figures    jsonb       NOT NULL
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
