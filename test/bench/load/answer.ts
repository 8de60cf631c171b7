// Reads the minimum of an HTTP/1.1 answer: its status and its end. A connection gets one answer at a time, because it
// has one request in flight.

/** @returns the status when the answer is complete, undefined before */
export type ReadAnswer = (chunk: Buffer) => number | undefined;

const headEnd = "\r\n\r\n";
const lengthHeader = "content-length: ";

/** Creates a reader for one connection. */
export function createAnswerReader(): ReadAnswer {
  let partial: Buffer | undefined;
  return (chunk) => {
    const bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
    const status = readAnswer(bytes);
    // The copy is necessary: the socket reads the next chunk into the same memory.
    partial = status === undefined ? Buffer.from(bytes) : undefined;
    return status;
  };
}

function readAnswer(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headEnd, 0, "latin1");
  if (end === -1) return undefined;
  const head = bytes.toString("latin1", 0, end).toLowerCase();
  const status = Number(head.slice(9, 12));
  const lengthAt = head.indexOf(lengthHeader);
  // 304 has neither body nor length; every other answer here has a length.
  if (lengthAt === -1) return checkedLength(status, head, bytes.length, end + headEnd.length);
  const length = Number.parseInt(head.slice(lengthAt + lengthHeader.length), 10);
  return checkedLength(status, head, bytes.length, end + headEnd.length + length);
}

function checkedLength(status: number, head: string, present: number, expected: number): number | undefined {
  if (!head.startsWith("http/1.1 ") || !Number.isInteger(expected) || present > expected) {
    throw new Error(`this is not one HTTP/1.1 answer with a length: ${head.slice(0, 200)}`);
  }
  return present === expected ? status : undefined;
}
