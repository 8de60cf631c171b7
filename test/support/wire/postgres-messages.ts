// Cuts what goes over a connection to PostgreSQL into the messages of its protocol
// (https://www.postgresql.org/docs/current/protocol-message-formats.html).

/** `type` is empty for the first message of a client, which has none. */
export type Message = Readonly<{ type: string; body: Buffer }>;

const lengthBytes = 4;

/**
 * @param side whose messages they are @returns a function that takes data, and returns the messages that it completes
 */
export function createMessageReader(side: "client" | "server"): (data: Buffer) => readonly Message[] {
  let rest: Buffer = Buffer.alloc(0);
  let typeBytes = side === "client" ? 0 : 1;
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    const messages: Message[] = [];
    while (rest.length >= typeBytes + lengthBytes) {
      const end = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < end) break;
      const type = rest.toString("latin1", 0, typeBytes);
      messages.push({ type, body: rest.subarray(typeBytes + lengthBytes, end) });
      rest = rest.subarray(end);
      typeBytes = 1;
    }
    return messages;
  };
}

/** The texts at the beginning of a message, each of which ends with a NUL. */
export function readTexts(body: Buffer, count: number): readonly string[] {
  const texts: string[] = [];
  for (let from = 0; texts.length < count; ) {
    const end = body.indexOf(0, from);
    texts.push(body.toString("utf8", from, end));
    from = end + 1;
  }
  return texts;
}
