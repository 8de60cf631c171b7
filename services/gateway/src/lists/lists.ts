// Reads pages of lists, over connections that nothing else uses and that accounts share fairly: an account that reads
// long lists delays its own lists, and nothing else.
import type { Db } from "@onsale/database/client";
import { errorCode } from "@onsale/database/errors";
import { type PageRequest, presentPage } from "../http/page.ts";
import { ProblemError } from "../http/problem-error.ts";
import { createFairSlots } from "./fair-slots.ts";

/** Connections of lists. */
export const listConnectionCountMax = 3;
/** A list that takes longer is refused: it would take a connection from other accounts. */
export const listStatementMaxMs = 2_000;
const accountWaitingMax = 100;
const slotWaitMaxMs = 2_000;
const statementCancelled = "57014";

/** A list, as its route reads and shows it. */
export type List<Position, Row, Item> = Readonly<{
  /** At most `count` rows from there on. */
  read: (db: Db, start: Position | Readonly<{ offset: number }>, count: number) => Promise<readonly Row[]>;
  /** How many rows it has; an estimate when there are many. */
  count: (db: Db) => Promise<number>;
  present: (row: Row) => Item;
  /** The position of a row, as `readPageQuery` parses it. */
  positionOf: (row: Row) => readonly (string | number)[];
}>;

export type Lists = ReturnType<typeof createLists>;

/** @param isShared whether there are several accounts: then none may use all connections */
export function createLists(db: Db, isShared: boolean) {
  const slots = createFairSlots({
    countMax: listConnectionCountMax,
    accountCountMax: isShared ? listConnectionCountMax - 1 : listConnectionCountMax,
    accountWaitingMax,
    waitMaxMs: slotWaitMaxMs,
  });

  /** @throws ProblemError `overloaded` when no connection was free in time, or the list took too long to read */
  async function read<Result>(accountId: number, readList: (db: Db) => Promise<Result>): Promise<Result> {
    const release = await slots.take(accountId);
    if (release === undefined) throw new ProblemError("overloaded", "Too many lists are being read. Try again.");
    try {
      return await readList(db);
    } catch (error) {
      throw errorCode(error) === statementCancelled ? tooSlow(error) : error;
    } finally {
      release();
    }
  }

  return {
    read,

    /** @throws ProblemError as `read` */
    readPage: <Position, Row, Item>(accountId: number, page: PageRequest<Position>, list: List<Position, Row, Item>) =>
      read(accountId, async (db) => {
        const rows = await list.read(db, startOf(page), page.size + 1);
        const total = await totalOf(page, rows.length, () => list.count(db));
        return presentPage(page, rows, total, list.present, list.positionOf);
      }),
  };
}

function startOf<Position>({ after, number, size }: PageRequest<Position>) {
  return after?.position ?? { offset: number * size };
}

/** @param rowCount rows that were read: one more than the page's size when there is a next page */
async function totalOf({ after, number, size }: PageRequest<unknown>, rowCount: number, count: () => Promise<number>) {
  if (after !== null) return after.total;
  const seenCount = number * size + rowCount;
  const isEndSeen = rowCount <= size && (rowCount > 0 || number === 0);
  return isEndSeen ? seenCount : Math.max(seenCount, await count());
}

function tooSlow(cause: unknown): ProblemError {
  const detail =
    `Reading this list took more than ${listStatementMaxMs / 1_000} s. Follow nextCursor instead of a deep page, ` +
    "or ask for the orders of one event, or of all statuses.";
  return new ProblemError("overloaded", detail, { cause });
}
