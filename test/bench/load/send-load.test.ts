import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import { Histogram } from "./histogram.ts";
import { openLoad } from "./send-load.ts";

const firstAnswerAfterMs = 400;
const ratePerSecond = 100;
const seconds = 0.5;

/** Sends a load with a rate over one connection, to a server that keeps the first request waiting. */
async function sendBehindSlowAnswer() {
  let requestCount = 0;
  const server = createServer((_request, response) => {
    const answer = () => response.writeHead(202, { "content-length": 0 }).end();
    if (requestCount++ > 0) answer();
    else setTimeout(answer, firstAnswerAfterMs);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const request = { kind: "get", paths: ["/"] } as const;
  const plan = { port: address.port, connections: 1, seconds, ratePerSecond, request, requestCountMax: 1_000 };
  return (await openLoad({ ...plan, offset: 0, stride: 1 }))();
}

test("a load with a rate sends every request, and measures from when it was due, also when an answer is late", async () => {
  const report = await sendBehindSlowAnswer();

  assert.deepEqual([report.requests, report.lost, report.answers], [50, 0, { "202": 50 }]);
  const latency = new Histogram();
  latency.add(report.acceptedLatency);
  // 40 requests were due while the first one had no answer, and the server answered all but that one at once.
  const medianMs = latency.percentile(0.5) / 1_000;
  assert(medianMs > 100, `half of the answers came ${medianMs} ms after they were due`);
});
