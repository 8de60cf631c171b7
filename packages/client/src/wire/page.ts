import { isRecord, type Shape } from "./shape.ts";

/** One page of a list, the newest first. */
export type Page<Item> = Readonly<{
  content: readonly Item[];
  number: number;
  size: number;
  /** Exact up to 10,000; beyond that an estimate of at least 10,001. */
  totalElements: number;
  /** Whether `totalElements` is exact. */
  totalIsExact: boolean;
  totalPages: number;
  first: boolean;
  last: boolean;
  empty: boolean;
  /** Null on the last page. */
  nextCursor: string | null;
}>;

/** A page of a list, by its items. */
export function isPageOf<Item>(isItem: Shape<Item>): Shape<Page<Item>> {
  return (value): value is Page<Item> => {
    if (!isRecord(value) || !Array.isArray(value.content)) return false;
    return value.content.every(isItem) && (value.nextCursor === null || typeof value.nextCursor === "string");
  };
}
