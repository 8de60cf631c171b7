// Pages of a list: by number, or by a cursor that names the row before the page.
import { ProblemError } from "./problem-error.ts";

/** The query of a list, after validation. */
export type PageQuery = Readonly<{ page?: number; size?: number; cursor?: string }>;

/** Which page to read. A cursor contains `total`, so that a client's walk through the list counts it once. */
export type PageRequest<Position> = Readonly<{
  number: number;
  size: number;
  after: Readonly<{ position: Position; total: number }> | null;
}>;

/**
 * Reads which page a query asks for.
 *
 * @param parsePosition reads the row's position from parts of the cursor; null when they are no position
 * @throws ProblemError `validation-failed` for a cursor of another list, or a cursor together with `page`
 */
export function readPageQuery<Position>(
  query: PageQuery,
  parsePosition: (parts: readonly string[]) => Position | null,
): PageRequest<Position> {
  const { page, size = 20, cursor } = query;
  if (cursor === undefined) return { number: page ?? 0, size, after: null };
  const refuse = (detail: string) => {
    const faults = [{ pointer: "/query/cursor", detail }];
    return new ProblemError("validation-failed", "The query does not match its schema.", { faults });
  };
  if (page !== undefined) throw refuse("goes without page");
  const [number, total, ...parts] = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  const position = parsePosition(parts);
  if (position === null || !isCount(number) || !isCount(total)) throw refuse("is not a cursor of this list");
  return { number: Number(number), size, after: { position, total: Number(total) } };
}

/** Whether a part of a cursor is a whole number that PostgreSQL and JavaScript both represent exactly. */
export function isCount(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

/**
 * A page as the API shows it.
 *
 * @param rows one more than the page's size when there is a next page
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
  const { number, size } = request;
  const content = rows.slice(0, size);
  const lastRow = content.at(-1);
  const hasNext = rows.length > size && lastRow !== undefined;
  return {
    content: content.map(present),
    number,
    size,
    totalElements,
    totalPages: Math.ceil(totalElements / size),
    first: number === 0,
    last: !hasNext,
    empty: content.length === 0,
    nextCursor: hasNext
      ? Buffer.from([number + 1, totalElements, ...positionOf(lastRow)].join(".")).toString("base64url")
      : null,
  };
}
