import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { prettyLine } from "./pretty-line.ts";

const time = new Date(2027, 4, 1, 19, 30, 5, 42).toISOString();
const line = (fields: object) => JSON.stringify({ level: 40, time, service: "worker", pid: 7, ...fields });

describe("a log line for a terminal", () => {
  it("is one line with time, level, service, message, fault, part and the other fields", () => {
    const text = prettyLine(line({ msg: "it failed", fault: "Redis is away", part: "queue", id: 5, to: "a b" }), false);
    assert.equal(text, '19:30:05.042 WARN  worker: it failed: Redis is away (queue) id=5 to="a b"\n');
  });

  it("has the stack of a bug below it", () => {
    const err = {
      type: "TypeError",
      message: "x is\nundefined",
      stack: "TypeError: x is\nundefined\n    at f (a.ts:1)",
    };
    const text = prettyLine(line({ msg: "failed", err }), false);
    assert.equal(text, "19:30:05.042 WARN  worker: failed: x is undefined\n    at f (a.ts:1)\n");
  });

  it("has colours only when they are asked for, and the same text", () => {
    const json = line({ msg: "it failed", id: 5 });
    const coloured = prettyLine(json, true);
    assert.notEqual(coloured, prettyLine(json, false));
    assert.equal(stripVTControlCharacters(coloured), prettyLine(json, false));
  });

  it("shows no control characters of a client's text", () => {
    const text = prettyLine(line({ msg: "path \u001b[2J\r\nfoo", path: "/\u001b]0;title\u0007\u202e" }), false);
    assert.match(text, /^[^\p{Cc}\p{Cf}]+\n$/u);
  });
});
