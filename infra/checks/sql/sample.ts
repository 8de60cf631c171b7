import type { Db } from "@onsale/database/client";

/** One call of a statement's function, whose queries become a section of the statement's SQL file. */
export type Sample = Readonly<{
  /** The exported function. */
  statement: Readonly<{ name: string }>;
  /** What the arguments choose; "" when the function always sends the same queries. */
  variant: string;
  run: (db: Db) => unknown;
  /** The rows that each query finds, in order; the last queries may be left out when they find none. */
  answers: readonly (readonly object[])[];
}>;

/** @param args the function's arguments after the database; they choose the variant, and name no real rows */
export function sample<Args extends readonly unknown[]>(
  statement: (db: Db, ...args: Args) => unknown,
  variant: string,
  args: Args,
  answers: Sample["answers"] = [],
): Sample {
  return { statement, variant, run: (db) => statement(db, ...args), answers };
}

/** Stands for any id of an order, endpoint, delivery or process. */
export const anyId = "01890a5d-ac96-774b-bcce-b302099a8057";

/** Stands for any time. */
export const anyTime = new Date(0);
