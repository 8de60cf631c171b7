// Text as a terminal shows it. What a server, a webhook's receiver or a database said may try to move the cursor, to
// change a title or to hide itself, so control characters never get through.

/** A text without characters that a terminal obeys, on one line. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** A text as a shell takes it, as one word, in a command that people copy. */
export function shellWord(text: string): string {
  return /^[\w%+,./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Such as "12,300". */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** A moment, as this machine's clock shows it, such as "2027-05-01 19:00:00". */
export function time(timestamp: string | null): string {
  if (timestamp === null) return "–";
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return plain(timestamp);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
