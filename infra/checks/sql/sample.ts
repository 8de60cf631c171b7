import type { Db } from "@onsale/database/client";

/** One call of a statement's function, whose queries become a section of the statement's SQL file. */
export type Sample = Readonly<{
  /** The exported function. */
  statement: Readonly<{ name: string }>;
  /** Which of its queries the arguments lead to; "" when there is only one way. */
  variant: string;
  run: (db: Db) => unknown;
  /** The rows that its queries find, one query after the other; those that need no rows at the end may be left out. */
  answers: readonly (readonly object[])[];
}>;

/** @param args the function's arguments after the database; they have to lead to the variant, and need not exist */
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
