// Parses Server-Sent Events by the rules of the WHATWG (HTML, section 9.2.6, "Interpreting an event stream"). A chunk
// of bytes can end anywhere, even inside a character or between the CR and the LF of one line end. The text decoder
// keeps the bytes of an incomplete character, `line` the text of an incomplete line, and `isAfterCr` that a LF at the
// start of the next chunk belongs to the line before.

/** A message, or the server's request how long to wait before the next connection. */
export type SseItem =
  | Readonly<{ kind: "message"; id: string; event: string; data: string }>
  | Readonly<{ kind: "retry"; ms: number }>;

export type SseParser = Readonly<{
  /**
   * Takes the next bytes and returns the items that they complete. A message is complete with the blank line after it.
   *
   * @throws RangeError for a message of more than 4 Mi characters
   */
  feed: (bytes: Uint8Array) => SseItem[];
}>;

const messageCharsMax = 4 * 1024 * 1024;

/** Creates a parser for one connection. By the rules, the id of a message also counts for later ones without an id. */
export function createSseParser(): SseParser {
  const decoder = new TextDecoder();
  let line = "";
  let isAfterCr = false;
  let id = "";
  let event = "";
  let data: string[] = [];
  let dataChars = 0;

  function endLine(items: SseItem[]): void {
    const ended = line;
    line = "";
    if (ended === "") {
      endMessage(items);
      return;
    }
    // A comment begins with a colon, so its field name is empty, which is no known field.
    const colon = ended.indexOf(":");
    const field = colon === -1 ? ended : ended.slice(0, colon);
    const value = colon === -1 ? "" : ended.slice(ended[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") {
      data.push(value);
      dataChars += value.length + 1;
    } else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) items.push({ kind: "retry", ms: Number(value) });
  }

  function endMessage(items: SseItem[]): void {
    if (data.length > 0) items.push({ kind: "message", id, event: event || "message", data: data.join("\n") });
    event = "";
    data = [];
    dataChars = 0;
  }

  return {
    feed: (bytes) => {
      const items: SseItem[] = [];
      let text = decoder.decode(bytes, { stream: true });
      if (text === "") return items;
      if (isAfterCr && text.startsWith("\n")) text = text.slice(1);
      isAfterCr = text.endsWith("\r");
      const parts = text.split(/\r\n|\n|\r/);
      const rest = parts.pop() ?? "";
      for (const part of parts) {
        line += part;
        endLine(items);
      }
      line += rest;
      if (line.length + dataChars > messageCharsMax) throw new RangeError("a message of the stream is too long");
      return items;
    },
  };
}
