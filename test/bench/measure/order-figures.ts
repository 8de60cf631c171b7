// Reads the figures of a load's orders from PostgreSQL.
import type { Db } from "@onsale/database/client";
import { findLeftBehind } from "@onsale/database/statements/pending/find-left-behind";
import type { Pool } from "pg";
import { untilTrue } from "../../support/until.ts";
import type { BenchEvent } from "./installation.ts";

/** Figures of the orders of some events that were created since a given time. */
export type OrderFacts = Readonly<{
  count: number;
  pending: number;
  confirmed: number;
  /** Milliseconds since 1970; NaN when none is decided. */
  lastDecidedAtMs: number;
  /** Accepted to decided, in milliseconds; NaN when none is decided. */
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}>;

export async function readOrderFacts(pool: Pool, events: readonly BenchEvent[], sinceMs: number): Promise<OrderFacts> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS count,
            count(*) FILTER (WHERE status = 'PENDING')::int AS pending,
            count(*) FILTER (WHERE status = 'CONFIRMED')::int AS confirmed,
            (extract(epoch FROM max(decided_at)) * 1000)::float8 AS last,
            percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (
              ORDER BY (extract(epoch FROM decided_at - created_at) * 1000)::float8) AS percentiles
     FROM orders WHERE event_id = ANY($1) AND created_at >= to_timestamp($2)`,
    [events.map(({ id }) => id), sinceMs / 1_000],
  );
  const [row] = rows;
  const [p50Ms, p95Ms, p99Ms] = [0, 1, 2].map((index) => Number(row.percentiles?.[index] ?? Number.NaN));
  const { count, pending, confirmed } = row;
  const percentiles = { p50Ms: p50Ms ?? Number.NaN, p95Ms: p95Ms ?? Number.NaN, p99Ms: p99Ms ?? Number.NaN };
  return { count, pending, confirmed, lastDecidedAtMs: row.last ?? Number.NaN, ...percentiles };
}

/** Orders of some events that were decided between two moments, in milliseconds since 1970, per second. */
export async function decidedPerSecondBetween(
  pool: Pool,
  events: readonly BenchEvent[],
  [fromMs, toMs]: readonly [number, number],
): Promise<number> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS count FROM orders
     WHERE event_id = ANY($1) AND decided_at >= to_timestamp($2) AND decided_at < to_timestamp($3)`,
    [events.map(({ id }) => id), fromMs / 1_000, toMs / 1_000],
  );
  return rows[0].count / ((toMs - fromMs) / 1_000);
}

/**
 * Orders of some events that were decided per second up to the last batch, when all were pending before the first one.
 * The time of a slow decision comes after `decided_at`, so the last batch would be one without its time.
 */
export async function decidedPerSecondAtBest(pool: Pool, events: readonly BenchEvent[]): Promise<number> {
  const { rows } = await pool.query(
    `SELECT (count(*) FILTER (WHERE decided_at < last)
              / nullif(extract(epoch FROM min(last) - min(decided_at)), 0))::float8 AS "perSecond"
     FROM orders, (SELECT max(decided_at) AS last FROM orders WHERE event_id = ANY($1)) AS final
     WHERE event_id = ANY($1)`,
    [events.map(({ id }) => id)],
  );
  return Number(rows[0].perSecond);
}

/** Waits until no order is pending. The query must be cheap, because it takes CPU time from the measured processes. */
export async function untilAllDecided(db: Db, timeoutMs: number): Promise<void> {
  const isAllDecided = async () => (await findLeftBehind(db, 0)).length === 0;
  await untilTrue("all orders are decided", isAllDecided, timeoutMs);
}

/** Waits until all tickets that cancelled orders gave back are on sale again. */
export async function untilAllApplied(pool: Pool, timeoutMs: number): Promise<void> {
  const isAllApplied = async () => (await pool.query("SELECT FROM returns LIMIT 1")).rowCount === 0;
  await untilTrue("all returns are applied", isAllApplied, timeoutMs);
}

/** The tickets that a synchronous design sold, according to its orders and according to its stock. */
export async function readLeanFacts(
  pool: Pool,
  events: readonly BenchEvent[],
): Promise<{ orders: number; sold: number; total: number }> {
  const ids = events.map(({ id }) => id);
  const { rows } = await pool.query(
    `SELECT (SELECT count(*)::int FROM lean_orders WHERE event_id = ANY($1)) AS orders,
            (SELECT sum(sold)::float8 FROM lean_stock WHERE event_id = ANY($1)) AS sold,
            (SELECT sum(total)::float8 FROM lean_stock WHERE event_id = ANY($1)) AS total`,
    [ids],
  );
  return rows[0];
}

/** The number of orders of some events, in Onsale's tables and in the synchronous designs' ones. */
export async function countOrders(pool: Pool, events: readonly BenchEvent[]): Promise<number> {
  const { rows } = await pool.query(
    `SELECT (SELECT count(*) FROM orders WHERE event_id = ANY($1))
          + (SELECT count(*) FROM lean_orders WHERE event_id = ANY($1)) AS count`,
    [events.map(({ id }) => id)],
  );
  return Number(rows[0].count);
}
