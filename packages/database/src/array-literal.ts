const needsEscape = /["\\]/;

/**
 * An array as PostgreSQL reads it, or undefined when it has something else in it than text, numbers and nulls. The
 * driver's own way escapes every element with two regular expressions, which was 4 % of the gateway's time under load.
 */
export function arrayLiteral(items: readonly unknown[]): string | undefined {
  let literal = "{";
  for (const item of items) {
    if (literal.length > 1) literal += ",";
    if (typeof item === "string") {
      literal += `"${needsEscape.test(item) ? item.replace(/["\\]/g, "\\$&") : item}"`;
    } else if (typeof item === "number") literal += item;
    else if (item === null) literal += "NULL";
    else return undefined;
  }
  return `${literal}}`;
}
