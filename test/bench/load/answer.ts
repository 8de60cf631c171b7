// The least that must be read of an HTTP/1.1 answer: its status and where it ends. The answers of one connection come
// one at a time, because it has one request in flight.

/** @returns the status when the answer is complete, undefined while more of it is to come */
export type ReadAnswer = (chunk: Buffer) => number | undefined;

const headEnd = "\r\n\r\n";
const lengthHeader = "content-length: ";

/** One per connection. */
export function createAnswerReader(): ReadAnswer {
  let begun: Buffer | undefined;
  return (chunk) => {
    const bytes = begun === undefined ? chunk : Buffer.concat([begun, chunk]);
    const status = readWhole(bytes);
    // The chunk's memory belongs to the socket, which reads into it again.
    begun = status === undefined ? Buffer.from(bytes) : undefined;
    return status;
  };
}

function readWhole(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headEnd, 0, "latin1");
  if (end === -1) return undefined;
  const head = bytes.toString("latin1", 0, end).toLowerCase();
  const status = Number(head.slice(9, 12));
  const lengthAt = head.indexOf(lengthHeader);
  // 304 has no body, nor a length; everything else here has one.
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
