-- Rows that every batch rewrites are found among their old versions by a generation, which rises with every 64th
-- version. Vacuum cannot remove versions that somebody's old snapshot may still see, and the primary keys have an entry
-- for each heap-only chain of them, so that a look-up by primary key walks through all of them. An index that has the
-- newest generation first leads to at most 64 versions (docs/decisions/0015-generations.md). In between the generation
-- stays the same, so that 63 of 64 updates are heap-only.
--
-- The keys of these indexes are expressions, so that the planner cannot use the primary key for the same look-up. By
-- its estimates that is cheaper: it knows nothing of versions, and the primary key has fewer pages.

-- Nobody can buy while these locks are waited for, so a start gives up soon when another transaction has the tables.
SET LOCAL lock_timeout = '2s';
LOCK TABLE inventory, buckets IN ACCESS EXCLUSIVE MODE;

-- Older processes write these rows without a new generation: their look-ups and ours are right, and unbounded meanwhile.
-- Generated columns would cost each batch 10 us.
ALTER TABLE inventory ADD COLUMN generation bigint NOT NULL DEFAULT 0;
CREATE INDEX inventory_newest ON inventory ((event_id::bigint), (ticket_type || ''), generation DESC);

ALTER TABLE buckets
  ADD COLUMN version bigint NOT NULL DEFAULT 1,
  ADD COLUMN generation bigint NOT NULL DEFAULT 0;
CREATE INDEX buckets_newest ON buckets ((bucket::bigint), generation DESC);
