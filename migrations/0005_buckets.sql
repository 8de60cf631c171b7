-- Orders are decided bucket by bucket: 64 buckets hold the events by their ids, and a worker that serves a partition decides
-- what is pending in all of its buckets with one transaction, whether that is one hot event or a thousand quiet ones.

-- Up to `decided_seq` every order of the bucket's events is decided: what is pending lies above it. Never is a pending
-- order passed over, because a batch takes the first pending orders of each bucket. Rewritten by every batch.
CREATE TABLE buckets (
  bucket      integer PRIMARY KEY,
  decided_seq bigint  NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The buckets' orders in arrival order. Like the other indexes it does not know the status, so that a decision stays a
-- heap-only update.
CREATE INDEX orders_by_bucket ON orders ((event_id & 63), seq);

INSERT INTO buckets (bucket, decided_seq)
SELECT n, coalesce(
         (SELECT min(seq) - 1 FROM orders WHERE event_id & 63 = n AND status = 'PENDING'),
         (SELECT max(seq) FROM orders WHERE event_id & 63 = n),
         0)
FROM generate_series(0, 63) AS n;
