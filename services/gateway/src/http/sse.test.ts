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

  /** A client on a plain socket, that reads only when it is told to, and its stream on the server. */
  async function listen(headers = "", beforeOpen = (_client: Socket) => {}) {
    opened = Promise.withResolvers();
    const client = connect(port, "127.0.0.1");
    client.on("error", () => undefined);
    beforeOpen(client);
    client.write(`GET / HTTP/1.1\r\nhost: x\r\n${headers}\r\n`);
    return { client, ...(await opened.promise) };
  }

  /** Everything that comes until the server closes. */
  async function readAll(client: Socket): Promise<string> {
    let text = "";
    client.on("data", (data) => {
      text += data.toString();
    });
    await once(client, "close");
    return text;
  }

  it("is an answer of messages that nobody stores or holds back, and ends", async () => {
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
    assert.match(answer, /retry: 1000\n\n[\s\S]*id: 1\nevent: test\ndata: {"n":1}\n\n[\s\S]*id: 2\n[\s\S]*0\r\n\r\n$/);
  });

  it("takes nothing more once it has ended", async () => {
    const { client, stream } = await listen("connection: close\r\n");
    stream.end();
    assert(stream.ended.aborted);
    stream.send(message(1));
    stream.end();
    assert.doesNotMatch(await readAll(client), /id: 1/);
  });

  it("says when its client has left, also to those who ask later", { timeout: deadlineMs }, async () => {
    const { client, stream } = await listen();
    const { promise: told, resolve } = Promise.withResolvers<void>();
    stream.onEnd(resolve);
    client.destroy();
    await told;
    assert(stream.ended.aborted);
    let isTold = false;
    stream.onEnd(() => {
      isTold = true;
    });
    assert(isTold);
  });

  it("cuts off a client that does not read, before it fills the memory", { timeout: deadlineMs }, async () => {
    const { client, stream } = await listen("", (socket) => socket.pause());
    let sentBytes = 0;
    // What the operating system keeps for a connection is not the server's.
    while (!stream.ended.aborted && sentBytes < 64 * 1024 * 1024) {
      stream.send(message(1, kibibyte));
      sentBytes += 1_024;
      if (sentBytes % (64 * 1024) === 0) await nextTurn();
    }
    assert(stream.ended.aborted);
    client.destroy();
  });

  it("does not cut off a client that reads, however much there is", { timeout: deadlineMs }, async () => {
    const { client, stream } = await listen();
    let readBytes = 0;
    client.on("data", (data) => {
      readBytes += data.length;
    });
    for (let n = 0; n < 2_000; n++) {
      stream.send(message(n, kibibyte));
      // The client and the server are one process here: each has its turn.
      if (n % 50 === 0) for (let turn = 0; turn < 10; turn++) await nextTurn();
    }
    assert.equal(stream.ended.aborted, false);
    stream.end();
    while (readBytes < 2_000 * 1_024) await once(client, "data");
    client.destroy();
  });

  it("lets go of a client that does not read when it ends", { timeout: deadlineMs }, async () => {
    const { client, stream, raw } = await listen("", (socket) => socket.pause());
    // More than the operating system takes, less than the server gives up at.
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

  it("knows the last message that a client has seen; what is no such id counts as none", async () => {
    const headers = ["", "last-event-id: 7\r\n", "last-event-id: -7\r\n", "last-event-id: 1e3\r\n"];
    const more = ["last-event-id: seven\r\n", `last-event-id: ${"9".repeat(16)}\r\n`, "last-event-id: \r\n"];
    seenIds.length = 0;
    for (const header of [...headers, ...more]) (await listen(header)).client.destroy();
    assert.deepEqual(seenIds, [0, 7, 0, 0, 0, 0, 0]);
  });
});
