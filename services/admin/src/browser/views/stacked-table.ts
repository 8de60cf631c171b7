// Tables that become lists on a narrow screen: each row a block, each cell beside its name.
import { type ComponentChild, type ComponentChildren, h } from "preact";

export type StackedRow = Readonly<{ key: string; cells: readonly ComponentChildren[] }>;

/**
 * The cells of a row stand under the names of `head`. The roles are written out, because a browser forgets them for
 * elements that are not drawn as a table.
 */
export function stackedTable(label: string, head: readonly string[], rows: readonly StackedRow[]): ComponentChild {
  return h(
    "table",
    { class: "stacked", role: "table", "aria-label": label },
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        head.map((name) => h("th", { scope: "col", role: "columnheader", key: name }, name)),
      ),
    ),
    h(
      "tbody",
      { role: "rowgroup" },
      rows.map(({ key, cells }) =>
        h(
          "tr",
          { key, role: "row" },
          cells.map((content, index) => h("td", { key: index, role: "cell", "data-label": head[index] }, content)),
        ),
      ),
    ),
  );
}
