/**
 * Session settings for the statements of the hot path, which all go along indexes, a few rows at a time. A plan that was
 * made while `orders` was small must not read all of it later; an event's backlog must be read from its beginning, not
 * collected and sorted; and rows must be locked in the order in which they are given.
 *
 * They do not rule out a join that begins with the wrong side. Planned while `inventory` had two rows, one went through all
 * of them for each order of a batch when there were a thousand, until the next ANALYZE: a batch took 1 to 2 s. Therefore
 * these statements join by `CROSS JOIN LATERAL (SELECT ... OFFSET 0)`, which begins with what is asked for, or by a scalar
 * subquery.
 *
 * Left to choose, PostgreSQL would plan a statement anew each time when its parameters look cheap, such as a list of one
 * order, and that took three times as long as reading the order.
 */
export const indexPlans = {
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  plan_cache_mode: "force_generic_plan",
} as const;
