// Pages of a list: by number, or by a cursor that names the row before the page.
import { hash } from "node:crypto";
import { exactTotalMax } from "@onsale/contracts/page";
import { ProblemError } from "./problem-error.ts";

/** The query of a list, after validation. */
export type PageQuery = Readonly<{ page?: number; size?: number; cursor?: string }>;

/** Which page to read. A cursor contains `total`, so that a client's walk through the list counts it only once. */
export type PageRequest<Position> = Readonly<{
  number: number;
  size: number;
  /** A digest of the list and its filters, in each of its cursors. */
  listTag: string;
  after: Readonly<{ position: Position; total: number }> | null;
}>;

/** 2^40 different ones: a cursor of another list is refused, but a client could make one. */
const listTagLength = 10;

/**
 * Reads which page a query asks for.
 *
 * @param list the list's name and its filters: a cursor of another list or with other filters is refused
 * @param parsePosition reads the row's position from parts of the cursor; null when they are no position
 * @throws ProblemError `validation-failed` for a cursor of another list or other filters, or together with `page`
 */
export function readPageQuery<Position>(
  query: PageQuery,
  list: readonly (string | number | undefined)[],
  parsePosition: (parts: readonly string[]) => Position | null,
): PageRequest<Position> {
  const { page, size = 20, cursor } = query;
  const listTag = hash("sha256", JSON.stringify(list)).slice(0, listTagLength);
  if (cursor === undefined) return { number: page ?? 0, size, listTag, after: null };
  const refuse = (detail: string) => {
    const faults = [{ pointer: "/query/cursor", detail }];
    return new ProblemError("validation-failed", "The query does not match its schema.", { faults });
  };
  if (page !== undefined) throw refuse("goes without page");
  const [number, total, tag, ...parts] = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  const position = parsePosition(parts);
  if (position === null || !isCount(number) || !isCount(total) || tag !== listTag) {
    throw refuse("is not a cursor of this list with these filters");
  }
  return { number: Number(number), size, listTag, after: { position, total: Number(total) } };
}

/** Whether a part of a cursor is a whole number that PostgreSQL and JavaScript both represent exactly. */
export function isCount(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

/**
 * A page as the API shows it.
 *
 * @param rows one more than the page's size when there is a next page
 * @param totalElements an estimate when it is more than `exactTotalMax`
 * @param present how the API shows a row
 * @param positionOf the position of a row, as `parsePosition` reads it
 */
export function presentPage<Row, Item>(
  request: PageRequest<unknown>,
  rows: readonly Row[],
  totalElements: number,
  present: (row: Row) => Item,
  positionOf: (row: Row) => readonly (string | number)[],
) {
  const { number, size, listTag } = request;
  const content = rows.slice(0, size);
  const lastRow = content.at(-1);
  const hasNext = rows.length > size && lastRow !== undefined;
  return {
    content: content.map(present),
    number,
    size,
    totalElements,
    totalIsExact: totalElements <= exactTotalMax,
    totalPages: Math.ceil(totalElements / size),
    first: number === 0,
    last: !hasNext,
    empty: content.length === 0,
    nextCursor: hasNext
      ? Buffer.from([number + 1, totalElements, listTag, ...positionOf(lastRow)].join(".")).toString("base64url")
      : null,
  };
}
