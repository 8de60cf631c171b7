-- The last report of each process of the installation, so that people see all processes in one place, on whatever
-- hosts they run. A process writes its row once a second, so the rows need not survive a crash of the server. They are
-- few and are updated all the time: free space on the page keeps the updates heap-only.
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
