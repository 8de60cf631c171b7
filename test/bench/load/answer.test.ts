import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createAnswerReader } from "./answer.ts";

const answer = Buffer.from('HTTP/1.1 202 Accepted\r\nContent-Length: 7\r\nx-request-id: 1\r\n\r\n{"a":1}');

test("an answer is read completely, wherever it is split", () => {
  const read = createAnswerReader();
  assert.equal(read(answer), "202");
  for (let cut = 1; cut < answer.length; cut++) {
    assert.equal(read(answer.subarray(0, cut)), undefined);
    assert.equal(read(answer.subarray(cut)), "202");
  }
});

test("an answer without a body is read", () => {
  assert.equal(createAnswerReader()(Buffer.from("HTTP/1.1 304 Not Modified\r\netag: 1\r\n\r\n")), "304");
});

test("a 503 is named after its problem, and has to say when to come back", () => {
  const body = '{"status":503,"code":"queue-full"}';
  const answerWith = (header: string) =>
    Buffer.from(`HTTP/1.1 503 Service Unavailable\r\n${header}content-length: ${body.length}\r\n\r\n${body}`);
  assert.equal(createAnswerReader()(answerWith("retry-after: 7\r\n")), "503 queue-full");
  assert.equal(createAnswerReader()(answerWith("")), "503 queue-full without Retry-After");
});

test("anything but exactly one HTTP answer throws", () => {
  assert.throws(() => createAnswerReader()(Buffer.from("SSH-2.0-OpenSSH\r\n\r\n")), /not one HTTP/);
  assert.throws(() => createAnswerReader()(Buffer.concat([answer, answer])), /not one HTTP/);
});
