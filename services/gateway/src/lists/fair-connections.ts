// Connections that accounts share fairly, for work that takes long: an account with much of it delays its own, and
// nothing else.
import type { Db } from "@onsale/database/client";
import { errorCode } from "@onsale/database/errors";
import { ProblemError } from "../http/problem-error.ts";
import { createFairSlots } from "./fair-slots.ts";

export const fairConnectionCountMax = 3;
/** Statements that take longer are cancelled: they would take a connection from other accounts. */
export const fairStatementMaxMs = 2_000;
const accountWaitingMax = 100;
const slotWaitMaxMs = 2_000;
const statementCancelled = "57014";

/** What the client is told when it cannot be served. */
export type Refusals = Readonly<{ busy: string; tooSlow: string }>;

export type FairConnections = Readonly<{
  /**
   * Runs work over one connection, when it is the account's turn.
   *
   * @throws ProblemError `overloaded` when no connection was free in time, or a statement took too long
   */
  run: <T>(accountId: number, refusals: Refusals, work: (db: Db) => Promise<T>) => Promise<T>;
}>;

/** @param isShared whether there are several accounts: then none may use all connections */
export function createFairConnections(db: Db, isShared: boolean): FairConnections {
  const slots = createFairSlots<number>({
    countMax: fairConnectionCountMax,
    eachCountMax: isShared ? fairConnectionCountMax - 1 : fairConnectionCountMax,
    eachWaitingMax: accountWaitingMax,
    waitMaxMs: slotWaitMaxMs,
  });
  return {
    run: async (accountId, { busy, tooSlow }, work) => {
      const release = await slots.take(accountId);
      if (release === undefined) throw new ProblemError("overloaded", busy);
      try {
        return await work(db);
      } catch (error) {
        if (errorCode(error) !== statementCancelled) throw error;
        throw new ProblemError("overloaded", tooSlow, { cause: error });
      } finally {
        release();
      }
    },
  };
}
