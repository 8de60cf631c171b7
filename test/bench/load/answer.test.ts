import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createAnswerReader } from "./answer.ts";

const answer = Buffer.from('HTTP/1.1 202 Accepted\r\nContent-Length: 7\r\nx-request-id: 1\r\n\r\n{"a":1}');

test("an answer is read completely, wherever it is split", () => {
  const read = createAnswerReader();
  assert.equal(read(answer), 202);
  for (let cut = 1; cut < answer.length; cut++) {
    assert.equal(read(answer.subarray(0, cut)), undefined);
    assert.equal(read(answer.subarray(cut)), 202);
  }
});

test("an answer without a body is read", () => {
  assert.equal(createAnswerReader()(Buffer.from("HTTP/1.1 304 Not Modified\r\netag: 1\r\n\r\n")), 304);
});

test("anything but exactly one HTTP answer throws", () => {
  assert.throws(() => createAnswerReader()(Buffer.from("SSH-2.0-OpenSSH\r\n\r\n")), /not one HTTP/);
  assert.throws(() => createAnswerReader()(Buffer.concat([answer, answer])), /not one HTTP/);
});
