// The wire schema of a page of a list.
import { type TSchema, Type } from "typebox";
import { Nullable } from "./text.ts";
import { cursorPattern, pageSizeMax } from "./values.ts";

/** The highest number of a page; a longer list is read with cursors. */
export const pageNumberMax = 10_000;

/** Up to here the total of a list is counted, beyond it is estimated: counting costs as much as the list has. */
export const exactTotalMax = 10_000;

/** One page of a list, newest first, in the format of Spring Data, with a cursor for the next page. */
export const Page = <Item extends TSchema>($id: string, item: Item) =>
  Type.Object(
    {
      content: Type.Array(item),
      number: Type.Integer({ description: "The number of this page, from 0.", examples: [0] }),
      size: Type.Integer({ description: "Items per page.", examples: [20] }),
      totalElements: Type.Integer({
        description:
          "Items in the whole list: exact up to 10,000, beyond that an estimate of at least 10,001. With a cursor it " +
          "is that of the first page.",
        examples: [600_000],
      }),
      totalIsExact: Type.Boolean({
        description: "Whether `totalElements` is exact; false when it is an estimate.",
        examples: [false],
      }),
      totalPages: Type.Integer({ description: "Pages of this size that `totalElements` makes." }),
      first: Type.Boolean(),
      last: Type.Boolean(),
      empty: Type.Boolean(),
      nextCursor: Nullable(
        Type.String({ description: "Pass it as `cursor` for the next page; null on the last one." }),
      ),
    },
    { $id },
  );

export const PageQuery = {
  page: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: pageNumberMax,
      description: "The number of the page, from 0. Use `cursor` for long lists.",
      examples: [0],
    }),
  ),
  size: Type.Optional(
    Type.Integer({ minimum: 1, maximum: pageSizeMax, default: 20, description: "Items per page.", examples: [50] }),
  ),
  cursor: Type.Optional(
    Type.String({
      pattern: cursorPattern,
      description: "The `nextCursor` of the previous page; not together with `page`.",
      examples: ["MS42MDAwMDAuNThjMi40MTg"],
    }),
  ),
};
