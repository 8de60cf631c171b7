// Long work over many short statements: sales reports and exports. Each statement has its turn for a list connection
// (fair-connections.ts), so between two of them the work holds none. The work itself has a slot, of which an account
// has only a few, for its memory and for the time that it takes from PostgreSQL.
import { setTimeout as delay } from "node:timers/promises";
import type { Db } from "@onsale/database/client";
import { classify } from "@onsale/database/errors";
import { ProblemError } from "../http/problem-error.ts";
import type { FairConnections } from "../lists/fair-connections.ts";
import { createFairSlots } from "../lists/fair-slots.ts";

/** Reports and exports at a time of one account. */
export const bookCountOfAccountMax = 4;
const bookCountMax = 16;
/** How long a page is tried again while connections are taken or PostgreSQL is unavailable. */
const patienceMs = 30_000;
const retryPauseMs = 500;

const refusals = {
  busy: "Too many lists and exports are being read. Try again.",
  tooSlow: "A page took too long to read. Try again.",
};

export type BookConnections = Readonly<{
  /**
   * Takes a slot.
   *
   * @returns releases it
   * @throws ProblemError `overloaded` when the account, or the gateway, has as many reports and exports as it may have
   */
  takeSlot: (accountId: number) => Promise<() => void>;
  /**
   * Reads one page.
   *
   * @throws ProblemError `overloaded` when no connection was free in time
   */
  read: <T>(accountId: number, readPage: (db: Db) => Promise<T>) => Promise<T>;
  /** As `read`, and tries again for up to 30 s: an export that has begun must not end because of a busy moment. */
  readPatiently: <T>(accountId: number, readPage: (db: Db) => Promise<T>) => Promise<T>;
}>;

export function createBookConnections(connections: FairConnections): BookConnections {
  const slots = createFairSlots<number>({
    countMax: bookCountMax,
    eachCountMax: bookCountOfAccountMax,
    eachWaitingMax: 0,
    waitMaxMs: 0,
  });

  function read<T>(accountId: number, readPage: (db: Db) => Promise<T>): Promise<T> {
    return connections.run(accountId, refusals, readPage);
  }

  return {
    takeSlot: async (accountId) => {
      const release = await slots.take(accountId);
      if (release !== undefined) return release;
      const limit = `${bookCountOfAccountMax} reports and exports of an account`;
      throw new ProblemError("overloaded", `At most ${limit} are read at a time. Try again when one has ended.`);
    },
    read,
    readPatiently: async (accountId, readPage) => {
      for (const endsAtMs = performance.now() + patienceMs; ; ) {
        try {
          return await read(accountId, readPage);
        } catch (error) {
          if (!isPassing(error) || performance.now() > endsAtMs) throw error;
        }
        await delay(retryPauseMs);
      }
    },
  };
}

function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) return error.code === "overloaded";
  const kind = classify(error);
  return kind === "unavailable" || kind === "contention";
}
