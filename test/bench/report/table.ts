// Renders a table for a terminal and for a Markdown page.
import { stripVTControlCharacters, styleText } from "node:util";

export type Table = Readonly<{
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}>;

/** The first column is left-aligned; the others, mostly figures, are right-aligned. Cells may be coloured. */
export function renderText({ title, head, rows }: Table): string {
  const widths = head.map((cell, column) => Math.max(widthOf(cell), ...rows.map((row) => widthOf(row[column] ?? ""))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [styleText("bold", title), styleText("dim", line(head)), styleText("dim", rule), ...rows.map(line)].join("\n");
}

export function renderMarkdown({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => plain(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [`## ${title}`, "", line(head), line(rule), ...rows.map(line)].join("\n");
}

function plain(cell: string): string {
  return stripVTControlCharacters(cell);
}

function widthOf(cell: string): number {
  return plain(cell).length;
}

function pad(cell: string, width: number, isLeft: boolean): string {
  const space = " ".repeat(width - widthOf(cell));
  return isLeft ? cell + space : space + cell;
}
