import { ProblemError } from "./problem-error.ts";

/** The query of a list, after validation. */
export type PageQuery = Readonly<{ page?: number; size?: number; cursor?: string }>;

/** Where a page begins. `total` travels in the cursor, so that a walk counts the list once. */
export type PageRequest<Position> = Readonly<{
  number: number;
  size: number;
  after: Readonly<{ position: Position; total: number }> | null;
}>;

/**
 * @param parsePosition turns the cursor's position back into a value, or null when it is none
 * @throws ProblemError `validation-failed` for a cursor that is not ours, or one together with `page`
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

/** Whether a cursor's part is a whole number that PostgreSQL and JavaScript both hold. */
export function isCount(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

/**
 * @param rows one more than the page's size where there is a next page
 * @param positionOf what the next page begins after
 */
export function toPage<Row, Item>(
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
