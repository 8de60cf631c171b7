// Cuts what goes over a connection to Redis into the commands or replies of its protocol
// (https://redis.io/docs/latest/develop/reference/protocol-spec).

/** @returns a function that takes data, and returns the whole messages that it completes */
export function createReplyReader(): (data: Buffer) => readonly Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    const messages: Buffer[] = [];
    for (let end = endOf(rest, 0); end !== undefined; end = endOf(rest, 0)) {
      messages.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    return messages;
  };
}

const lineEnd = "\r\n";

/** Where the message that begins at `from` ends; undefined while it is not complete. */
function endOf(data: Buffer, from: number): number | undefined {
  const endOfLine = data.indexOf(lineEnd, from);
  if (endOfLine < 0) return undefined;
  const next = endOfLine + lineEnd.length;
  const type = data.toString("latin1", from, from + 1);
  const length = Number(data.toString("latin1", from + 1, endOfLine));
  // A length of -1 is a null.
  if (type === "$" && length >= 0) return next + length + 2 <= data.length ? next + length + lineEnd.length : undefined;
  if (type !== "*") return next;
  let end: number | undefined = next;
  for (let index = 0; index < length && end !== undefined; index++) end = endOf(data, end);
  return end;
}

/** The parts of a command, which a client sends as an array of texts. */
export function readCommand(message: Buffer): readonly string[] {
  const parts: string[] = [];
  for (let from = message.indexOf(lineEnd) + lineEnd.length; from < message.length; ) {
    const endOfLine = message.indexOf(lineEnd, from);
    const begin = endOfLine + lineEnd.length;
    const end = begin + Number(message.toString("latin1", from + 1, endOfLine));
    parts.push(message.toString("utf8", begin, end));
    from = end + lineEnd.length;
  }
  return parts;
}
