/**
 * Session settings for the statements of the hot path, which all go along indexes, a few rows at a time. A plan that was
 * made while `orders` was small must not read all of it later; an event's backlog must be read from its beginning, not
 * collected and sorted; and rows must be locked in the order in which they are given.
 */
export const indexPlans = {
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
} as const;
