-- Every event falls into one of 64 buckets by its id. A worker that serves a partition decides the pending orders of
-- all its buckets with one transaction, whether they are of one hot event or of a thousand quiet ones.

-- Up to `decided_seq` every order of the bucket's events is decided, so pending orders lie above it. No pending order
-- is passed over, because a batch takes the first pending orders of each bucket. Every batch updates its buckets'
-- rows.
CREATE TABLE buckets (
  bucket      integer PRIMARY KEY,
  decided_seq bigint  NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The buckets' orders in arrival order. Like the other indexes it does not contain the status, so that a decision
-- stays a heap-only update.
CREATE INDEX orders_by_bucket ON orders ((event_id & 63), seq);

INSERT INTO buckets (bucket, decided_seq)
SELECT n, coalesce(
         (SELECT min(seq) - 1 FROM orders WHERE event_id & 63 = n AND status = 'PENDING'),
         (SELECT max(seq) FROM orders WHERE event_id & 63 = n),
         0)
FROM generate_series(0, 63) AS n;
