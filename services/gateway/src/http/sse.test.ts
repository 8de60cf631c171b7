import { strict as assert } from "node:assert";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type FastifyInstance, fastify } from "fastify";
import { type EventStream, lastEventId, openEventStream } from "./sse.ts";

const message = (id: number, data = "{}") => ({ id, event: "test", data });
const kibibyte = JSON.stringify("x".repeat(1_022));
const deadlineMs = 15_000;

describe("an event stream", () => {
  let app: FastifyInstance;
  let port: number;
  let opened: PromiseWithResolvers<{ stream: EventStream; raw: ServerResponse }>;
  const seenIds: number[] = [];

  before(async () => {
    app = fastify();
    app.get("/", (request, reply) => {
      seenIds.push(lastEventId(request));
      reply.header("RateLimit", '"key";r=4;t=1');
      opened.resolve({ stream: openEventStream(request, reply), raw: reply.raw });
    });
    port = Number(new URL(await app.listen({ port: 0 })).port);
  });

  after(async () => {
    app.server.closeAllConnections();
    await app.close();
  });

  /** A client on a plain socket that reads only when the test says so, and its stream on the server. */
  async function listen(headers = "", beforeOpen = (_client: Socket) => {}) {
    opened = Promise.withResolvers();
    const client = connect(port, "127.0.0.1");
    client.on("error", () => undefined);
    beforeOpen(client);
    client.write(`GET / HTTP/1.1\r\nhost: x\r\n${headers}\r\n`);
    return { client, ...(await opened.promise) };
  }

  /** All bytes until the server closes the connection. */
  async function readAll(client: Socket): Promise<string> {
    let text = "";
    client.on("data", (data) => {
      text += data.toString();
    });
    await once(client, "close");
    return text;
  }

  it("is an answer of messages that no proxy stores or buffers, and it ends", async () => {
    const { client, stream } = await listen("connection: close\r\n");
    stream.send(message(1, '{"n":1}'));
    stream.send(message(2, '{"n":2}'));
    stream.end();
    const answer = await readAll(client);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    for (const header of [
      /^content-type: text\/event-stream/im,
      /^cache-control: no-cache/im,
      /^x-request-id: ./im,
      /^ratelimit: "key";r=4;t=1\r$/im,
    ]) {
      assert.match(answer, header);
    }
    assert.match(
      answer,
      /retry: (?:[5-9]\d\d|1[0-5]\d\d)\n\n[\s\S]*id: 1\nevent: test\ndata: {"n":1}\n\n[\s\S]*id: 2\n[\s\S]*0\r\n\r\n$/,
    );
  });

  it("sends nothing after its end", async () => {
    const { client, stream } = await listen("connection: close\r\n");
    stream.end();
    assert(stream.ended.aborted);
    stream.send(message(1));
    stream.end();
    assert.doesNotMatch(await readAll(client), /id: 1/);
  });

  it("reports that its client has left, also to later callers", { timeout: deadlineMs }, async () => {
    const { client, stream } = await listen();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    stream.onEnd(resolve);
    client.destroy();
    await ended;
    assert(stream.ended.aborted);
    let isCalled = false;
    stream.onEnd(() => {
      isCalled = true;
    });
    assert(isCalled);
  });

  it("disconnects a client that does not read, before it fills the memory", { timeout: deadlineMs }, async () => {
    const { client, stream } = await listen("", (socket) => socket.pause());
    let sentBytes = 0;
    // The operating system buffers the first megabytes, which the server does not count.
    while (!stream.ended.aborted && sentBytes < 64 * 1024 * 1024) {
      stream.send(message(1, kibibyte));
      sentBytes += 1_024;
      if (sentBytes % (64 * 1024) === 0) await nextTurn();
    }
    assert(stream.ended.aborted);
    client.destroy();
  });

  it("does not disconnect a client that reads, however much it gets", { timeout: deadlineMs }, async () => {
    const { client, stream } = await listen();
    let readBytes = 0;
    client.on("data", (data) => {
      readBytes += data.length;
    });
    for (let n = 0; n < 2_000; n++) {
      stream.send(message(n, kibibyte));
      // The client reads in this process, too, and needs turns of the event loop for it.
      if (n % 50 === 0) for (let turn = 0; turn < 10; turn++) await nextTurn();
    }
    assert.equal(stream.ended.aborted, false);
    stream.end();
    while (readBytes < 2_000 * 1_024) await once(client, "data");
    client.destroy();
  });

  it("disconnects a client that does not read at its end", { timeout: deadlineMs }, async () => {
    const { client, stream, raw } = await listen("", (socket) => socket.pause());
    // More than the operating system buffers, less than the server's limit.
    while (raw.writableLength === 0) {
      stream.send(message(1, kibibyte));
      await nextTurn();
    }
    assert.equal(raw.destroyed, false);
    const closed = once(raw, "close");
    stream.end();
    await closed;
    client.destroy();
  });

  it("reads the id of the last message that a client received, and takes an invalid id for none", async () => {
    const headers = ["", "last-event-id: 7\r\n", "last-event-id: -7\r\n", "last-event-id: 1e3\r\n"];
    const more = ["last-event-id: seven\r\n", `last-event-id: ${"9".repeat(16)}\r\n`, "last-event-id: \r\n"];
    seenIds.length = 0;
    for (const header of [...headers, ...more]) (await listen(header)).client.destroy();
    assert.deepEqual(seenIds, [0, 7, 0, 0, 0, 0, 0]);
  });
});
