// Reads the minimum of an HTTP/1.1 answer: its status and its end, and of a 503 why it is one. A connection gets one
// answer at a time, because it has one request in flight.

/** @returns the answer's name when it is complete, undefined before: "202", or "503 queue-full" with its problem */
export type ReadAnswer = (chunk: Buffer) => string | undefined;

const headEnd = "\r\n\r\n";
const lengthHeader = "content-length: ";

/** Whether an answer with this name accepts something. */
export function isAcceptance(name: string): boolean {
  return name === "200" || name === "202";
}

/** Creates a reader for one connection. */
export function createAnswerReader(): ReadAnswer {
  let partial: Buffer | undefined;
  return (chunk) => {
    const bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
    const name = readAnswer(bytes);
    // The copy is necessary: the socket reads the next chunk into the same memory.
    partial = name === undefined ? Buffer.from(bytes) : undefined;
    return name;
  };
}

function readAnswer(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(headEnd, 0, "latin1");
  if (end === -1) return undefined;
  const head = bytes.toString("latin1", 0, end).toLowerCase();
  const lengthAt = head.indexOf(lengthHeader);
  // 304 has neither body nor length; every other answer here has a length.
  const length = lengthAt === -1 ? 0 : Number.parseInt(head.slice(lengthAt + lengthHeader.length), 10);
  const bodyAt = end + headEnd.length;
  return isComplete(head, bytes.length, bodyAt + length) ? nameOf(head, bytes, bodyAt) : undefined;
}

function isComplete(head: string, present: number, expected: number): boolean {
  if (!head.startsWith("http/1.1 ") || !Number.isInteger(expected) || present > expected) {
    throw new Error(`this is not one HTTP/1.1 answer with a length: ${head.slice(0, 200)}`);
  }
  return present === expected;
}

/** Only a 503 is looked into, because the generator must stay cheap, and the benchmark expects no other problem. */
function nameOf(head: string, bytes: Buffer, bodyAt: number): string {
  const status = head.slice(9, 12);
  if (status !== "503") return status;
  const code = /"code":"([a-z-]+)"/.exec(bytes.toString("latin1", bodyAt))?.[1] ?? "of an unknown kind";
  const when = /\r\nretry-after: [1-9]\d*(\r\n|$)/.test(head) ? "" : " without Retry-After";
  return `${status} ${code}${when}`;
}
