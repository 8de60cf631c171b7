import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSseParser, type SseItem } from "./sse-parser.ts";

const encoder = new TextEncoder();
const message = (data: string, event = "message", id = "") => ({ kind: "message", id, event, data });

function parse(...chunks: readonly (string | Uint8Array)[]): SseItem[] {
  const parser = createSseParser();
  return chunks.flatMap((chunk) => parser.feed(typeof chunk === "string" ? encoder.encode(chunk) : chunk));
}

/** The bytes in pieces that end at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, n) => bytes.slice(n === 0 ? 0 : ends[n - 1], end));
}

const lineEnd = fc.constantFrom("\n", "\r", "\r\n");
const text = fc.string({ unit: "grapheme", maxLength: 12 }).map((value) => value.replace(/[\r\n\0]/g, ""));
const noise = fc.constantFrom("", ": still here", ":", "unknown: field", "retry: soon", "id: a\0b");
/** A message, the line end of each of its lines, and a line to be ignored. */
const block = fc.record({
  id: text,
  event: text.filter((name) => name !== ""),
  data: fc.array(text, { minLength: 1, maxLength: 3 }),
  ends: fc.array(lineEnd, { minLength: 8, maxLength: 8 }),
  noise,
});
type Block = typeof block extends fc.Arbitrary<infer T> ? T : never;

function write({ id, event, data, ends, noise }: Block): string {
  const ignored = noise === "" ? [] : [noise];
  const lines = [...ignored, `id: ${id}`, `event: ${event}`, ...data.map((line) => `data: ${line}`), ""];
  // A CR and the LF of an empty line after it would be one line end.
  return lines.map((line, n) => line + (ends[n] === "\r" && lines[n + 1] === "" ? "\r\n" : (ends[n] ?? "\n"))).join("");
}

describe("the parser of Server-Sent Events", () => {
  it("finds every message, whatever the line ends and wherever the bytes are cut", () => {
    const property = fc.property(
      fc.array(block, { maxLength: 6 }),
      fc.array(fc.nat()),
      fc.boolean(),
      (blocks, at, bom) => {
        const bytes = encoder.encode((bom ? "\uFEFF" : "") + blocks.map(write).join(""));
        const expected = blocks.map(({ id, event, data }) => message(data.join("\n"), event, id));
        assert.deepEqual(parse(...cut(bytes, at)), expected);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it("reads any bytes the same, all at once or one at a time", () => {
    const alphabet = fc.constantFrom(
      "data",
      "id",
      "event",
      "retry",
      ":",
      " ",
      "\r",
      "\n",
      "\r\n",
      "7",
      "é",
      "🎫",
      "\0",
    );
    const property = fc.property(fc.array(alphabet, { maxLength: 60 }), (parts) => {
      const bytes = encoder.encode(parts.join(""));
      assert.deepEqual(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte))), parse(bytes));
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("reads the examples of the standard", () => {
    const stocks = parse("data: YHOO\ndata: +2\ndata: 10\n\n");
    assert.deepEqual(stocks, [message("YHOO\n+2\n10")]);
    const ids = parse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n");
    assert.deepEqual(ids, [message("first event", "message", "1"), message("second event"), message(" third event")]);
    assert.deepEqual(parse("data\n\ndata\ndata\n\ndata:"), [message(""), message("\n")]);
    assert.deepEqual(parse("data:test\n\ndata: test\n\n"), [message("test"), message("test")]);
  });

  it("keeps the id for the messages that follow, and the event type for one only", () => {
    const items = parse("id: 1\nevent: order\ndata: a\n\ndata: b\n\n");
    assert.deepEqual(items, [message("a", "order", "1"), message("b", "message", "1")]);
  });

  it("reads a CR at the end of a chunk and a LF at the start of the next as one line end", () => {
    assert.deepEqual(parse("data: a\r", "\ndata: b\r", "\n\r", "\n"), [message("a\nb")]);
    assert.deepEqual(parse("data: a\r", "\r"), [message("a")]);
  });

  it("reads the pause before the next connection, when it is a number", () => {
    assert.deepEqual(parse("retry: 1000\nretry: 1s\nretry:\nretry: -1\n"), [{ kind: "retry", ms: 1_000 }]);
  });

  it("refuses a message that does not end", () => {
    const parser = createSseParser();
    const chunk = encoder.encode("x".repeat(1024 * 1024));
    assert.throws(() => Array.from({ length: 6 }, () => parser.feed(chunk)), RangeError);
  });
});
