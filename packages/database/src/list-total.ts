// How many rows a list has: exact up to `exactTotalMax`, beyond that an estimate, because an exact count of a list of
// millions takes as long as reading it.
//
// The estimate is the one that PostgreSQL's planner makes from the statistics of ANALYZE (migration 0011) and the size
// of the table now: it reads no rows, and was within 1 % for 600,000 of 800,000 orders. When it is too low to be right,
// ANALYZE has not yet seen these rows, and they are counted further. Rejected: the tickets that `inventory` counts,
// because orders have different quantities and rejected ones none; and a counter of orders, because each decision would
// write to it.
import { exactTotalMax } from "@onsale/contracts/page";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "./client.ts";

/** Reading that many takes about 0.1 s from an index, 0.3 s from the table. */
const recountMax = 1_000_000;

type Explained = Readonly<{ "QUERY PLAN": readonly Readonly<{ Plan: Readonly<{ "Plan Rows": number }> }>[] }>;

/** A list whose rows are counted. */
export type CountedList = Readonly<{
  /** A query of its rows, at most `countMax`, as a list that is walked. */
  walk: (countMax: number) => RawBuilder<unknown>;
  /** A query of its rows that the planner can judge; undefined when they change too fast for statistics. */
  planned: RawBuilder<unknown> | undefined;
}>;

/** @returns the exact count when it is at most `exactTotalMax`, otherwise an estimate above that */
export async function countTotal(db: Db, { walk, planned }: CountedList): Promise<number> {
  const exact = await count(db, walk(exactTotalMax + 1));
  if (exact <= exactTotalMax) return exact;
  const estimate = planned === undefined ? 0 : await estimateCount(db, planned);
  return estimate > exactTotalMax ? estimate : await count(db, walk(recountMax));
}

async function count(db: Db, query: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${query}) AS listed`.execute(db);
  return rows[0]?.count ?? 0;
}

async function estimateCount(db: Db, query: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<Explained>`EXPLAIN (FORMAT JSON) ${query}`.execute(db);
  return Math.round(rows[0]?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? 0);
}
