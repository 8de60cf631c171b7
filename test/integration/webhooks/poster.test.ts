import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { lockLost } from "@onsale/notifier/posting/permit";
import { untilTrue } from "../../support/until.ts";
import {
  anyPermit,
  body,
  headers,
  newPoster,
  ok,
  portOf,
  post,
  startRawReceiver,
  write,
} from "../../support/webhooks/raw-receiver.ts";

const whole = { error: null, retryAfterSeconds: null };
const answer = (line: string, ...fields: string[]) =>
  write(`HTTP/1.1 ${[line, "content-length: 0", ...fields].join("\r\n")}\r\n\r\n`);

describe("a webhook's POST", () => {
  it("has the headers and the body that it was given, and is delivered by any 2xx", async () => {
    const receiver = await startRawReceiver(write(ok));
    assert.deepEqual(await post(receiver.url), { result: "delivered", status: 200, responseBody: "ok", ...whole });
    const [request = ""] = receiver.requests;
    assert.match(request, /^POST \/hook\?a=b HTTP\/1\.1\r\n/);
    assert.match(request, /\r\nwebhook-id: msg-1\r\n/);
    assert(request.endsWith(`\r\n\r\n${body}`));
    for (const code of [201, 202, 204, 299]) {
      const { result, status } = await post((await startRawReceiver(answer(`${code} X`))).url);
      assert.deepEqual([result, status], ["delivered", code]);
    }
  });

  it("has failed after any other answer, with a result for each kind", async () => {
    const cases = [
      ["500 Internal Server Error", "http-error", 500],
      ["503 Service Unavailable", "http-error", 503],
      ["404 Not Found", "http-error", 404],
      ["429 Too Many Requests", "http-error", 429],
      ["410 Gone", "gone", 410],
      ["304 Not Modified", "redirect", 304],
      ["999 What", "http-error", 999],
    ] as const;
    for (const [line, result, code] of cases) {
      const outcome = await post((await startRawReceiver(answer(line))).url);
      assert.deepEqual([outcome.result, outcome.status, outcome.error], [result, code, null], line);
    }
  });

  it("reports what the receiver asks for with Retry-After", async () => {
    const ask = async (field: string) =>
      (await post((await startRawReceiver(answer("503 Later", field))).url)).retryAfterSeconds;
    assert.equal(await ask("retry-after: 120"), 120);
    assert.equal(await ask("Retry-After: Tue, 01 Jan 2019 00:00:00 GMT"), 0);
    assert.equal(await ask("retry-after: soon"), null);
    assert.equal(await ask("x: y"), null);
  });

  it("follows no redirect: its target gets no connection", async () => {
    const other = await startRawReceiver(write(ok));
    for (const line of ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]) {
      const receiver = await startRawReceiver(answer(line, `location: ${other.url}`));
      const outcome = await post(receiver.url);
      assert.deepEqual([outcome.result, outcome.status], ["redirect", Number(line.slice(0, 3))]);
      assert.equal(receiver.requests.length, 1);
    }
    assert.equal(other.sockets.length, 0);
  });
});

describe("a post whose endpoint is disabled or deleted", () => {
  const permitOf = (stopped: AbortSignal, endsAtMs = Infinity) => ({ ...anyPermit, stopped, endsAtMs });
  const withdrawn = { result: "withdrawn", error: null };

  it("is not begun, also when that cannot be told: the permit ends by itself", async () => {
    const receiver = await startRawReceiver(write(ok));
    const over = [permitOf(AbortSignal.abort()), permitOf(new AbortController().signal, performance.now())];
    for (const permit of over) {
      const { result, error } = await newPoster().post(receiver.url, headers, body, permit);
      assert.deepEqual({ result, error }, withdrawn);
    }
    assert.equal(receiver.sockets.length, 0);
  });

  it("is withdrawn while its connection is being made", async () => {
    const receiver = await startRawReceiver(write(ok));
    const asked = Promise.withResolvers<void>();
    const { promise: resolved, resolve: answerDns } = Promise.withResolvers<{ address: string; family: number }[]>();
    const resolve = () => {
      asked.resolve();
      return resolved;
    };
    const stopper = new AbortController();
    const url = `http://receiver.test:${receiver.port}/`;
    const posting = newPoster({ resolve }).post(url, headers, body, permitOf(stopper.signal));
    await asked.promise;
    stopper.abort();
    assert.equal((await posting).result, "withdrawn");
    answerDns([{ address: "127.0.0.1", family: 4 }]);
  });

  it("is withdrawn when its permit ended before the connection was made: not a byte is sent", async () => {
    const receiver = await startRawReceiver(write(ok));
    const endsAtMs = performance.now() + 100;
    const resolve = async () => {
      await untilTrue("the permit has ended", () => performance.now() > endsAtMs);
      return [{ address: "127.0.0.1", family: 4 }];
    };
    const permit = permitOf(new AbortController().signal, endsAtMs);
    const url = `http://receiver.test:${receiver.port}/`;
    assert.equal((await newPoster({ resolve }).post(url, headers, body, permit)).result, "withdrawn");
    await untilTrue("the connection is closed", () => receiver.sockets[0]?.destroyed === true);
    assert.equal(receiver.sockets[0]?.bytesRead, 0);
  });

  it("may be answered when it was sent already", async () => {
    const stopper = new AbortController();
    const receiver = await startRawReceiver((socket) => {
      stopper.abort();
      socket.write(ok);
    });
    const { result } = await newPoster().post(receiver.url, headers, body, permitOf(stopper.signal));
    assert.equal(result, "delivered");
  });

  it("is cut when it is not answered soon", async () => {
    const stopper = new AbortController();
    const receiver = await startRawReceiver(() => stopper.abort());
    const { result, error } = await newPoster().post(receiver.url, headers, body, permitOf(stopper.signal));
    assert.deepEqual([result, error], ["network-error", "the endpoint was disabled during the attempt"]);
    await untilTrue("the connection is closed", () => receiver.sockets[0]?.destroyed === true);
  });

  it("is no attempt when it is cut because the endpoint's lock was lost: that is no fault of the receiver", async () => {
    const stopper = new AbortController();
    const receiver = await startRawReceiver(() => stopper.abort(lockLost));
    const { result, error } = await newPoster().post(receiver.url, headers, body, permitOf(stopper.signal));
    assert.deepEqual({ result, error }, withdrawn);
    await untilTrue("the connection is closed", () => receiver.sockets[0]?.destroyed === true);
  });
});

describe("a receiver that floods", () => {
  const floods = [
    ["100 Continue", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["103 Early Hints", `HTTP/1.1 103 Early Hints\r\nlink: <${"x".repeat(2_000)}>\r\n\r\n`],
    ["blank lines", "\r\n".repeat(100)],
  ] as const;
  for (const [what, bytes] of floods) {
    it(`with ${what} is cut off after 256 KiB, long before its time is over`, async () => {
      const receiver = await startRawReceiver((socket) => {
        const flood = () => {
          while (!socket.destroyed && socket.write(bytes));
        };
        socket.on("drain", flood);
        flood();
      });
      const outcome = await post(receiver.url, { totalMaxMs: 60_000 });
      assert.deepEqual([outcome.result, outcome.error], ["network-error", "the receiver sent too much"]);
      await untilTrue("the connection is closed", () => receiver.sockets[0]?.destroyed === true);
    });
  }

  it("gets its delivery after a few 1xx answers", async () => {
    const hints = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(20);
    const receiver = await startRawReceiver(write(hints + ok));
    assert.equal((await post(receiver.url)).result, "delivered");
  });
});

describe("a receiver that misbehaves", () => {
  const limits = { connectMaxMs: 5_000, totalMaxMs: 300 };
  const drip = (head: string) => (socket: Socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write("x"), 20);
    socket.once("close", () => clearInterval(timer));
  };
  const slow = [
    ["accepts but never answers", () => undefined],
    ["drips its headers", drip("HTTP/1.1 200 OK\r\nx-long: ")],
    ["drips its body", drip("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")],
    ["drips chunks", drip("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffff\r\n")],
    ["never ends its body", write("HTTP/1.1 200 OK\r\n\r\nthat was all")],
    [
      "repeats that it will continue",
      (socket: Socket) => {
        const timer = setInterval(() => socket.write("HTTP/1.1 100 Continue\r\n\r\n"), 20);
        socket.once("close", () => clearInterval(timer));
      },
    ],
  ] as const;
  for (const [what, answer] of slow) {
    it(`times out and its connection is closed: it ${what}`, async () => {
      const receiver = await startRawReceiver(answer);
      const outcome = await post(receiver.url, limits);
      assert.deepEqual([outcome.result, outcome.error], ["timeout", "no complete answer in time"]);
      await untilTrue("the connection is closed", () => receiver.sockets.every((socket) => socket.destroyed));
      assert.equal(receiver.requests.length, 1);
    });
  }

  const broken = [
    ["closes without an answer", (socket: Socket) => socket.end()],
    ["resets without an answer", (socket: Socket) => socket.resetAndDestroy()],
    [
      "closes in the middle of its answer",
      (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"),
    ],
    [
      "resets in the middle of its answer",
      (socket: Socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", () => socket.resetAndDestroy());
      },
    ],
    ["speaks another protocol", write("SSH-2.0-OpenSSH_9.9\r\n")],
    ["sends random bytes", (socket: Socket) => socket.write(Buffer.from([0, 255, 254, 10, 13, 0]))],
    ["sends huge headers", write(`HTTP/1.1 200 OK\r\n${"x-field: something\r\n".repeat(10_000)}\r\n`)],
    ["sends one huge header", write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`)],
    ["switches protocols", write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello")],
  ] as const;
  for (const [what, answer] of broken) {
    it(`fails its attempt, once and without an exception: it ${what}`, async () => {
      const receiver = await startRawReceiver(answer);
      const outcome = await post(receiver.url, { totalMaxMs: 10_000 });
      assert.equal(outcome.result, "network-error", JSON.stringify(outcome));
      assert((outcome.error ?? "").length > 5 && (outcome.error ?? "").length <= 300);
      assert.deepEqual([outcome.status, outcome.responseBody], [null, null]);
      assert.equal(receiver.requests.length, 1);
    });
  }

  it("that does not listen fails its attempt", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = portOf(server);
    server.close();
    await once(server, "close");
    const outcome = await post(`http://127.0.0.1:${port}/`);
    assert.equal(outcome.result, "network-error");
    assert.equal(outcome.error, "the connection was refused");
  });

  it("that answers without an end gets its delivery; its connection is closed, and 1 KiB is kept", async () => {
    const receiver = await startRawReceiver((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const flood = () => {
        while (!socket.destroyed && socket.write("y".repeat(1_000)));
      };
      socket.on("drain", flood);
      flood();
    });
    const outcome = await post(receiver.url);
    assert.deepEqual(outcome, { result: "delivered", status: 200, responseBody: "y".repeat(1_024), ...whole });
    await untilTrue("the connection is closed", () => receiver.sockets[0]?.destroyed === true);
  });

  it("keeps its connection with an answer of up to 16 KiB, of which 1 KiB is stored", async () => {
    const sendBody = (bytes: number) =>
      write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\n\r\n${"z".repeat(bytes)}`);
    const connectionsOf = async (bytes: number) => {
      const receiver = await startRawReceiver(sendBody(bytes));
      const poster = newPoster();
      for (let n = 0; n < 2; n++) {
        const outcome = await poster.post(receiver.url, headers, body);
        assert.deepEqual([outcome.result, outcome.responseBody], ["delivered", "z".repeat(Math.min(bytes, 1_024))]);
      }
      return receiver.sockets.length;
    };
    assert.equal(await connectionsOf(1_023), 1);
    assert.equal(await connectionsOf(16_383), 1);
    assert.equal(await connectionsOf(100_000), 2);
  });

  it("may send bytes that PostgreSQL cannot store: NUL and invalid UTF-8 are replaced", async () => {
    const bytes = Buffer.from([0x61, 0, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x62]);
    const receiver = await startRawReceiver((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`);
      socket.write(bytes);
    });
    const { result, responseBody } = await post(receiver.url);
    assert.equal(result, "delivered");
    assert.match(responseBody ?? "", /^a\uFFFD+\(\uFFFD+b$/);
    assert(responseBody?.isWellFormed());
  });
});
