// Tables of the panels.
import { type ComponentChild, type ComponentChildren, h } from "preact";

export type Cell = Readonly<{ content: ComponentChildren; isNumber?: boolean }>;

/** On a phone, a table with more columns than this shows each row as a block. */
const columnCountMax = 4;

/** A table; the cells of a row stand under the names of `head`. */
export function table(
  head: readonly string[],
  rows: readonly Readonly<{ key: string; cells: readonly Cell[] }>[],
): ComponentChild {
  return h(
    "table",
    head.length > columnCountMax ? { class: "many" } : null,
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        head.map((name, index) =>
          h("th", { scope: "col", key: name, class: rows[0]?.cells[index]?.isNumber ? "number" : "" }, name),
        ),
      ),
    ),
    h(
      "tbody",
      null,
      rows.map(({ key, cells }) =>
        h(
          "tr",
          { key },
          cells.map(({ content, isNumber }, index) =>
            h("td", { key: index, class: isNumber === true ? "number" : "", "data-label": head[index] }, content),
          ),
        ),
      ),
    ),
  );
}

export const text = (content: ComponentChildren): Cell => ({ content });
export const number = (content: string): Cell => ({ content, isNumber: true });
