import { styleText } from "node:util";
import stringWidth from "string-width";

/** A column of a table; figures are aligned to the right. Cells may be coloured. */
export type Column = Readonly<{ head: string; isFigure?: boolean }>;

const gap = "  ";

/** A table as text; `ifEmpty` when there are no rows. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], ifEmpty: string): string {
  if (rows.length === 0) return ifEmpty;
  const widths = columns.map(({ head }, index) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[index] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.isFigure ?? false))
      .join(gap)
      .trimEnd();
  const heads = columns.map(({ head }) => head);
  return [styleText("dim", line(heads)), ...rows.map(line)].join("\n");
}

/** One line for each field, with the values in one column. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${styleText("dim", name.padEnd(width))}${gap}${value}`).join("\n");
}

function pad(cell: string, width: number, isFigure: boolean): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(cell)));
  return isFigure ? space + cell : cell + space;
}
