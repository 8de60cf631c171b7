/**
 * Session settings for the statements of the hot path, which all read a few rows along an index. A plan that was made
 * while `orders` was small must not read the whole table later; an event's backlog must be read from its beginning,
 * not collected and sorted; and rows must be locked in the order in which they are given.
 *
 * These settings do not rule out a join that begins with the wrong side. Planned while `inventory` had two rows, one
 * join read all of its rows for each order of a batch when there were a thousand, until the next ANALYZE: a batch took
 * 1 to 2 s. Therefore these statements join by `CROSS JOIN LATERAL (SELECT ... OFFSET 0)`, which begins with the
 * requested rows, or by a scalar subquery.
 *
 * By default PostgreSQL plans a statement anew on every run when its parameters look cheap, such as a list of one
 * order. That took three times as long as reading the order, so the plan is generic.
 */
export const indexPlans = {
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  plan_cache_mode: "force_generic_plan",
} as const;
