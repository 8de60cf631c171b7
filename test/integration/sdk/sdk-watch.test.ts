// The streams of the published client, on connections that fail in given ways.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { ProblemError, shareOrder, shareSale, watchOrder, watchSale } from "../../../packages/client/src/index.ts";
import { resumingStream } from "../../../packages/client/src/stream/resuming-stream.ts";
import { isOrder } from "../../../packages/client/src/wire/order.ts";
import { json, refusal, scriptFetch, silence, stream } from "../../support/sdk/scripted-fetch.ts";
import { untilTrue } from "../../support/until.ts";

const baseUrl = "https://tickets.example.com";
const id = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
const unavailable = {
  type: "urn:onsale:problem:overloaded",
  title: "More requests are waiting than can be accepted",
  status: 503,
  detail: "Try again.",
  instance: "/",
  code: "overloaded",
  requestId: "7",
  retryable: true,
};

/** A message of an order's stream. It asks for reconnects without a pause, so that tests do not wait. */
function orderMessage(status: string, version: number): string {
  const data = JSON.stringify({ id, status, version });
  return `retry: 0\n\n: still here\n\nid: ${version}\nevent: order\ndata: ${data}\n\n`;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe("watchOrder, of the published client", () => {
  it("continues after the last message, in whichever way a connection ends", async () => {
    const script = scriptFetch(
      stream(orderMessage("PENDING", 1), "ends"),
      refusal,
      json(503, unavailable, { "retry-after": "0" }),
      () => new Response("<html>Bad Gateway</html>", { status: 502 }),
      stream(`id: 2\nevent: order\ndata: {"id": "cut o`, "breaks"),
      stream(orderMessage("HELD", 3), "breaks"),
      stream(orderMessage("CONFIRMED", 4), "is silent"),
    );
    const orders = await collect(watchOrder({ baseUrl, fetch: script.fetch }, id));

    assert.deepEqual(
      orders.map(({ status, version }) => [status, version]),
      [
        ["PENDING", 1],
        ["HELD", 3],
        ["CONFIRMED", 4],
      ],
    );
    const lastIds = script.asked.map(({ headers }) => headers.get("last-event-id"));
    assert.deepEqual(lastIds, [null, "1", "1", "1", "1", "1", "3"]);
    assert(script.asked.every(({ url }) => url.pathname === `/api/v1/orders/${id}/stream`));
    assert(
      script.asked.every(({ signal }) => signal.aborted),
      "no connection is left open",
    );
  });

  it("notices a connection on which nothing arrives any more, not even a comment", async () => {
    const { fetch, asked } = scriptFetch(
      silence,
      stream("retry: 0\n\n", "is silent"),
      stream(orderMessage("PENDING", 1), "is silent"),
      () => new Response(null, { status: 204 }),
    );
    const options = {
      path: `/orders/${id}/stream`,
      event: "order",
      isExpected: isOrder,
      lastEventId: "",
      silenceMs: 30,
    };
    const orders = await collect(resumingStream({ baseUrl, fetch }, options));
    assert.deepEqual([orders.length, asked.length], [1, 4]);
  });

  it("treats a stream that ends at once like a lost connection, with growing pauses", async () => {
    const ended = Array.from({ length: 4 }, () => stream("retry: 0\n\n", "ends"));
    const { fetch, asked } = scriptFetch(...ended, stream(orderMessage("CONFIRMED", 2), "ends"));
    const { random } = Math;
    // The longest pauses, so that their sum shows whether they grow: 100 + 200 + 400 + 800 ms instead of four of 100.
    Math.random = () => 1;
    const startMs = performance.now();
    const orders = await collect(watchOrder({ baseUrl, fetch }, id)).finally(() => {
      Math.random = random;
    });
    assert.deepEqual([orders.length, asked.length], [1, 5]);
    assert(performance.now() - startMs > 1_400);
  });

  it("ends with a 204, and requests only what the caller does not have", async () => {
    const { fetch, asked } = scriptFetch(() => new Response(null, { status: 204 }));
    assert.deepEqual(await collect(watchOrder({ baseUrl, fetch }, id, { lastVersion: 2 })), []);
    assert.equal(asked[0]?.headers.get("last-event-id"), "2");
  });

  it("ignores messages of other types", async () => {
    const { fetch } = scriptFetch(
      stream(`event: news\ndata: {}\n\ndata: hello\n\n${orderMessage("REJECTED", 2)}`, "ends"),
    );
    assert.equal((await collect(watchOrder({ baseUrl, fetch }, id))).length, 1);
  });

  it("throws errors that a new connection would not change", async () => {
    const notFound = { ...unavailable, status: 404, code: "order-not-found", retryable: false };
    const answers = [
      [json(404, notFound), "order-not-found"],
      [() => new Response("<html>Welcome</html>"), "unexpected-answer"],
      [stream("event: order\ndata: no JSON\n\n", "ends"), "unexpected-answer"],
      [stream("event: order\ndata: {}\n\n", "ends"), "unexpected-answer"],
    ] as const;
    for (const [answer, code] of answers) {
      const { fetch } = scriptFetch(answer);
      const hasCode = (error: unknown) => error instanceof ProblemError && error.code === code;
      await assert.rejects(collect(watchOrder({ baseUrl, fetch }, id)), hasCode);
    }
  });

  it("ends at once when its signal aborts, whatever it is doing", async () => {
    const reason = new Error("the buyer has left");
    const pause = "retry: 3600000\n\n";
    for (const answer of [silence, stream(pause, "is silent"), stream(pause, "ends")]) {
      const { fetch, asked } = scriptFetch(answer);
      const buyer = new AbortController();
      const watching = collect(watchOrder({ baseUrl, fetch }, id, { signal: buyer.signal }));
      const rejected = assert.rejects(watching, (error) => error === reason);
      await untilTrue("the request is made", () => asked.length === 1);
      buyer.abort(reason);
      await rejected;
      assert(asked[0]?.signal.aborted);
    }
  });
});

const sale = `id: 7\nevent: sale\ndata: {"eventCode": "EVNT-JAZZ", "inventory": []}\n\n`;

describe("watchSale, of the published client", () => {
  it("begins anew with each connection, and closes the last one when the caller leaves the loop", async () => {
    const { fetch, asked } = scriptFetch(stream(`retry: 0\n\n${sale}`, "breaks"), stream(sale, "is silent"));
    let count = 0;
    for await (const { eventCode } of watchSale({ baseUrl, fetch }, "EVNT-JAZZ")) {
      assert.equal(eventCode, "EVNT-JAZZ");
      if (++count === 2) break;
    }
    assert.deepEqual(
      asked.map(({ url, headers, signal }) => [url.pathname, headers.get("last-event-id"), signal.aborted]),
      Array.from({ length: 2 }, () => ["/api/v1/events/EVNT-JAZZ/stream", null, true]),
    );
  });
});

describe("shareSale and shareOrder, of the published client", () => {
  it("connect again after errors that end watchSale, and tell the page of each", async () => {
    const notFound = { ...unavailable, status: 404, code: "event-not-found", retryable: false };
    const welcome = () => new Response("<html>Welcome</html>");
    const { fetch, asked } = scriptFetch(json(404, notFound), welcome, stream(sale, "is silent"));
    const codes: unknown[] = [];
    const onError = (error: unknown) => codes.push(error instanceof ProblemError ? error.code : error);
    for await (const { eventCode } of shareSale({ baseUrl, fetch }, "EVNT-JAZZ", { onError })) {
      assert.equal(eventCode, "EVNT-JAZZ");
      break;
    }
    assert.deepEqual(codes, ["event-not-found", "unexpected-answer"]);
    assert(
      asked.every(({ signal }) => signal.aborted),
      "no connection is left open",
    );
  });

  it("share one connection, give it on, and end with the order's decision", async () => {
    const held = stream(orderMessage("HELD", 2), "is silent");
    const { fetch, asked } = scriptFetch(held, stream(orderMessage("CONFIRMED", 3), "ends"));
    const first = shareOrder({ baseUrl, fetch }, id);
    assert.equal((await first.next()).value?.status, "HELD");
    const second = shareOrder({ baseUrl, fetch }, id);
    assert.equal((await second.next()).value?.status, "HELD");
    assert.equal(asked.length, 1);
    await first.return();
    assert.deepEqual(
      (await collect(second)).map(({ status }) => status),
      ["CONFIRMED"],
    );
    assert.equal(asked.length, 2);
  });

  it("end at once when their signal aborts", async () => {
    const { fetch } = scriptFetch(silence);
    const leaving = new AbortController();
    const watching = collect(shareSale({ baseUrl, fetch }, "EVNT-LEFT", { signal: leaving.signal }));
    const ended = assert.rejects(watching, /left/);
    leaving.abort(new Error("left"));
    await ended;
  });
});
