/** Each begins a line in a query that Kysely built. Kysely writes them in lower case, and our templates do not. */
const clauses = [
  "(?<!delete )from",
  "(?<=\\) )select",
  "inner join",
  "left join",
  "where",
  "order by",
  "limit",
  "offset",
  "set",
  "values",
  "on conflict",
  "returning",
  "for update",
];
/** A quoted name or text, a parenthesis, or the space before a clause. */
const token = new RegExp(`"[^"]*"|'[^']*'|[()]| (?=(?:${clauses.join("|")})\\b)`, "g");
const lineLengthMax = 120;

/**
 * A query with line breaks for reading, and no other change. Our templates keep the lines in which they were written;
 * Kysely builds a query in one line. A formatter from a library broke the templates into three times as many lines.
 */
export function formatQuery(text: string): string {
  const isTemplate = text.startsWith("\n");
  const formatted = isTemplate ? dedent(text, 0) : wrap(breakBeforeClauses(dedent(text, 4)));
  const query = formatted.replaceAll(/ +$/gm, "").trim();
  if (toOneLine(query) !== toOneLine(text)) throw new Error(`the line breaks changed a query: ${text}`);
  return `${query};`;
}

/** Takes from every line the indentation of the first one that has any, except for `keep` spaces. */
function dedent(text: string, keep: number): string {
  const [, indentation = ""] = /^( +)\S/m.exec(text) ?? [];
  return text.replaceAll(new RegExp(`^ {0,${Math.max(0, indentation.length - keep)}}`, "gm"), "");
}

function breakBeforeClauses(text: string): string {
  let depth = 0;
  return text.replaceAll(token, (match) => {
    if (match === "(") depth++;
    if (match === ")") depth--;
    return match === " " && depth === 0 ? "\n" : match;
  });
}

/** Breaks long lists after commas, and long subqueries before their clauses. */
function wrap(text: string): string {
  const part = new RegExp(`.{1,${lineLengthMax - 4}}(?:, |$)`, "g");
  return text
    .split("\n")
    .map((line) => {
      if (line.length <= lineLengthMax) return line;
      const parts = line.match(part) ?? [];
      if (parts.join("") === line) return parts.join("\n  ");
      return line.replaceAll(token, (match) => (match === " " ? "\n  " : match));
    })
    .join("\n");
}

function toOneLine(query: string): string {
  return query.replaceAll(/\s+/g, " ").trim();
}
