// Tables of the panels.
import { type ComponentChild, type ComponentChildren, h } from "preact";

export type Cell = Readonly<{ content: ComponentChildren; isNumber?: boolean }>;

/** On a phone, a table with more columns than this shows each row as a block. */
const columnCountMax = 4;

/**
 * A table; the cells of a row stand under the names of `head`. The roles are written out, because browsers forget them
 * for rows that are shown as blocks.
 */
export function table(
  head: readonly string[],
  rows: readonly Readonly<{ key: string; cells: readonly Cell[] }>[],
  hasBlocks = head.length > columnCountMax,
): ComponentChild {
  return h(
    "table",
    { role: "table", class: hasBlocks ? "many" : "" },
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        head.map((name, index) =>
          h(
            "th",
            { scope: "col", role: "columnheader", key: name, class: rows[0]?.cells[index]?.isNumber ? "number" : "" },
            name,
          ),
        ),
      ),
    ),
    h(
      "tbody",
      { role: "rowgroup" },
      rows.map(({ key, cells }) =>
        h(
          "tr",
          { key, role: "row" },
          cells.map(({ content, isNumber }, index) =>
            h(
              "td",
              { key: index, role: "cell", class: isNumber === true ? "number" : "", "data-label": head[index] },
              content,
            ),
          ),
        ),
      ),
    ),
  );
}

/** A table on a view of its own: its cells are words and sentences, which may take several lines. */
export function wrappingTable(
  head: readonly string[],
  rows: readonly Readonly<{ key: string; cells: readonly ComponentChildren[] }>[],
): ComponentChild {
  const lines = rows.map(({ key, cells }) => ({ key, cells: cells.map(text) }));
  return h("div", { class: "wrapping" }, table(head, lines, true));
}

export const text = (content: ComponentChildren): Cell => ({ content });
export const number = (content: string): Cell => ({ content, isNumber: true });
