import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createReplyReader, readCommand } from "./redis-messages.ts";
import { nameCommand } from "./redis-tap.ts";

const replies = [
  "+OK\r\n",
  ":-1\r\n",
  "$-1\r\n",
  "$4\r\na\r\nb\r\n",
  "*2\r\n*1\r\n$0\r\n\r\n-ERR no\r\n",
  "*-1\r\n",
  "*0\r\n",
];

describe("messages of Redis", () => {
  it("are found wherever the data are cut", () => {
    const data = Buffer.from(replies.join(""));
    for (const size of [1, 2, 7, data.length]) {
      const read = createReplyReader();
      const found: string[] = [];
      for (let from = 0; from < data.length; from += size) {
        found.push(...read(data.subarray(from, from + size)).map(String));
      }
      assert.deepEqual(found, replies, `pieces of ${size} bytes`);
    }
  });

  it("name commands and scripts", () => {
    const scripts = new Map<string, string>();
    const name = (...parts: string[]) => {
      const message = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join("");
      return nameCommand(readCommand(Buffer.from(`*${parts.length}\r\n${message}`)), scripts);
    };
    assert.equal(name("hget", "{onsale-1}:allocate-1:meta", "é"), "HGET meta");
    assert.equal(name("EVAL", "--[[\n  Adds a job\n]] return 1", "0"), "script: Adds a job");
    assert.equal(name("EVALSHA", [...scripts.keys()][0] ?? "", "0"), "script: Adds a job");
  });
});
