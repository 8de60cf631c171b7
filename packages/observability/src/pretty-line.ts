// Makes log lines readable for people. `pino-pretty` could do it, but it prints the fields of an error over several
// lines, and texts of clients with their control characters, and it is loaded with ten packages.
import { styleText } from "node:util";

const levels: Readonly<Record<number, readonly [string, "dim" | "green" | "yellow" | "red"]>> = {
  10: ["TRACE", "dim"],
  20: ["DEBUG", "dim"],
  30: ["INFO", "green"],
  40: ["WARN", "yellow"],
  50: ["ERROR", "red"],
  60: ["FATAL", "red"],
};
const simpleText = /^[\w%+,./:@-]+$/;

/**
 * A line of the log for a terminal: time of day, level, service and message, the other fields after them. Only the
 * stack of an error takes further lines.
 *
 * @param json the line as pino writes it
 * @returns with a line feed at the end
 */
export function prettyLine(json: string, hasColours: boolean): string {
  const { time, level, service, pid: _, msg, fault, part, err, ...fields }: Record<string, unknown> = JSON.parse(json);
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    hasColours && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  const [name, colour] = levels[Number(level)] ?? [String(level), "dim"];
  const about = [
    fault === undefined ? "" : `: ${fault}`,
    part === undefined ? "" : ` (${part})`,
    err === undefined ? "" : `: ${messageOf(err)}`,
  ];
  const details = Object.entries(fields).map(([key, value]) => ` ${key}=${present(value)}`);
  const head = `${paint("dim", timeOfDay(String(time)))} ${paint(colour, name.padEnd(5))}`;
  const text = plain(`${service}: ${msg ?? ""}${about.join("")}`);
  return `${head} ${text}${paint("dim", plain(details.join("")))}\n${paint("dim", stackOf(err))}`;
}

function timeOfDay(isoTime: string): string {
  const date = new Date(isoTime);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** A text on one line, without what could move the cursor or hide other text: parts of it may come from a client. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

function present(value: unknown): string {
  return typeof value === "string" && simpleText.test(value) ? value : JSON.stringify(value);
}

function messageOf(err: unknown): string {
  return typeof err === "object" && err !== null && "message" in err ? String(err.message) : present(err);
}

/** The calls that led to an error, each on a line; its message is in the line before. */
function stackOf(err: unknown): string {
  if (typeof err !== "object" || err === null || !("stack" in err)) return "";
  const calls = String(err.stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return calls.map((call) => `${plain(call)}\n`).join("");
}
