import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { App } from "@onsale/gateway/http/app-type";
import { createHttpServer } from "@onsale/gateway/http/http-server";
import { registerProblems } from "@onsale/gateway/http/problems";
import { createLogger } from "@onsale/observability/logger";
import { atEnd } from "../../support/cleanup.ts";
import { untilTrue } from "../../support/until.ts";

/** Below the 30 s after which Node checks for late requests by default. */
const deadline = { timeout: 15_000 };

const post = (path: string, lengthBytes: number) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${lengthBytes}\r\n`;

describe("an incomplete request", () => {
  let app: App;
  let port: number;
  let handledCount = 0;

  before(async () => {
    const limits = { trustProxy: [], connectionsMax: 100, keepAliveSeconds: 72, requestTimeoutMs: 100 };
    app = createHttpServer(createLogger("test", "silent"), limits);
    registerProblems(app);
    app.post("/", async () => {
      handledCount++;
      return "arrived";
    });
    const { promise: never } = Promise.withResolvers<string>();
    app.post("/never", () => {
      handledCount++;
      return never;
    });
    port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
    atEnd(() => app.close());
  });

  /** All bytes until the server ends the connection; the client never ends its side. */
  async function send(message: string): Promise<string> {
    const socket = connectSocket({ port, host: "127.0.0.1", allowHalfOpen: true });
    atEnd(() => socket.destroy());
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.write(message);
    await once(socket, "end");
    return answer;
  }

  const countConnections = promisify<number>((done) => app.server.getConnections(done));
  const untilClosed = () => untilTrue("no connection is left", async () => (await countConnections()) === 0);

  it("gets a problem and its connection is closed, whether its head or its body is late", deadline, async () => {
    const late = ["", "POST / HT", post("/", 2), `${post("/", 2)}\r\n`, `${post("/", 2)}\r\n{`];
    for (const answer of await Promise.all(late.map(send))) {
      assert.match(answer, /^HTTP\/1\.1 408 [^\r]+\r\ncontent-type: application\/problem\+json/);
      assert.match(answer, /"code":"request-timeout".*"retryable":true/);
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1);
    }
    await untilClosed();
    assert.equal(handledCount, 0);
  });

  it("gets no answer that the client could take for that of an earlier, complete request", deadline, async () => {
    assert.equal(await send(`${post("/never", 2)}\r\n{}${post("/", 2)}\r\n{`), "");
    await untilClosed();
    assert.equal(handledCount, 1);
  });
});
