// Reads along between a service and PostgreSQL. A call is one statement, prepared or not. Its name is its text with
// those before it in its transaction, so that each commit is told from the others.
import type { CallWatch } from "./call-watch.ts";
import type { Tap } from "./losing-proxy.ts";
import { createMessageReader, readTexts } from "./postgres-messages.ts";

const begins = /^(?:begin|start transaction)\b/i;
const ends = /^(?:commit|rollback|end)\b/i;

/** A statement without the values in its text: the same call has the same name each time. */
function plainText(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'/g, "'?'")
    .replaceAll(/\b\d+\b/g, "?")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Names the calls of one connection, one after the other. */
export function createCallNames(): (statement: string) => string {
  let before: readonly string[] | undefined;
  return (statement) => {
    const text = plainText(statement);
    const path = [...(before ?? []), text];
    if (begins.test(text)) before = [];
    else if (ends.test(text)) before = undefined;
    else if (before !== undefined) before = path;
    return path.join("; ");
  };
}

/** The client waits for each answer before it sends the next call. */
export function createPostgresTap(watch: CallWatch): Tap {
  const readAsked = createMessageReader("client");
  const readAnswered = createMessageReader("server");
  const nameOf = createCallNames();
  const statements = new Map<string, string>();
  let bound = "";
  let isLosing = false;

  const call = (statement: string) => {
    if (watch.onCall(nameOf(statement))) isLosing = true;
  };

  return {
    onAsked: (data) => {
      for (const { type, body } of readAsked(data)) {
        const [first = "", second = ""] =
          type === "P" || type === "B" || type === "Q" ? readTexts(body, type === "Q" ? 1 : 2) : [];
        if (type === "Q") call(first);
        else if (type === "P") statements.set(first, second);
        else if (type === "B") bound = statements.get(second) ?? "";
        else if (type === "E") call(bound);
      }
    },
    onAnswered: (data) => {
      const messages = readAnswered(data);
      if (!isLosing) return data;
      // "Ready for query": the statement has taken effect, or failed.
      if (!messages.some(({ type }) => type === "Z")) return Buffer.alloc(0);
      watch.onLost();
      return "lost";
    },
  };
}
