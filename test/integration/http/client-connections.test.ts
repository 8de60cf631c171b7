import { strict as assert } from "node:assert";
import { connect as connectSocket, type Socket } from "node:net";
import { describe, it, mock } from "node:test";
import type { App } from "@onsale/gateway/http/app-type";
import { createHttpServer, type HttpServerOptions } from "@onsale/gateway/http/http-server";
import { createLogger } from "@onsale/observability/logger";
import { atEnd } from "../../support/cleanup.ts";
import { untilTrue } from "../../support/until.ts";

const max = 3;

async function startServer(options: Partial<HttpServerOptions>) {
  const app: App = createHttpServer(createLogger("test", "silent"), {
    trustProxy: [],
    connectionsMax: 100,
    keepAliveSeconds: 72,
    ...options,
  });
  app.get("/", async ({ ip }) => ip);
  const warn = mock.method(app.log, "warn", () => undefined);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  atEnd(() => app.close());
  const sockets: Socket[] = [];
  const isAccepted = (from = "127.0.0.1") => {
    const socket = connectSocket({ port: Number(new URL(url).port), host: "127.0.0.1", localAddress: from });
    sockets.push(socket);
    atEnd(() => socket.destroy());
    socket.on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return new Promise<boolean>((resolve) => {
      socket.once("data", () => resolve(true));
      socket.once("close", () => resolve(false));
    });
  };
  return { url, warn, sockets, isAccepted };
}

describe("connections of one address", () => {
  it("have a maximum of their own, and the next one is accepted when one has closed", async () => {
    const { isAccepted, sockets, warn } = await startServer({ connectionsPerAddressMax: max });
    for (let n = 0; n < max; n++) assert(await isAccepted());
    for (let n = 0; n < max; n++) assert.equal(await isAccepted(), false);
    assert.equal(warn.mock.callCount(), 1);
    sockets[0]?.destroy();
    await untilTrue("another connection is accepted", () => isAccepted());
  });

  it("leave those of other addresses alone", { skip: process.platform !== "linux" }, async () => {
    const { isAccepted } = await startServer({ connectionsPerAddressMax: max });
    for (let n = 0; n < max; n++) assert(await isAccepted());
    assert.equal(await isAccepted(), false);
    assert(await isAccepted("127.0.0.2"));
  });

  it("have no maximum when it is a trusted proxy's, or when there is none", async () => {
    for (const options of [{ connectionsPerAddressMax: max, trustProxy: ["loopback"] }, {}]) {
      const { isAccepted } = await startServer(options);
      for (let n = 0; n < 2 * max; n++) assert(await isAccepted());
    }
  });
});

describe("X-Forwarded-For", () => {
  const forwarded = { "x-forwarded-for": "203.0.113.7" };
  const ask = async (url: string) => (await fetch(url, { headers: forwarded })).text();

  it("is ignored, with one warning, from an address that is not trusted", async () => {
    for (const trustProxy of [[], ["10.0.0.0/8", "192.0.2.1"]]) {
      const { url, warn } = await startServer({ trustProxy });
      await fetch(url);
      assert.equal(warn.mock.callCount(), 0);
      for (let n = 0; n < 5; n++) assert.equal(await ask(url), "127.0.0.1");
      assert.equal(warn.mock.callCount(), 1);
      assert.match(String(warn.mock.calls[0]?.arguments[1]), /TRUST_PROXY/);
    }
  });

  it("counts, without a warning, from a trusted proxy", async () => {
    const { url, warn } = await startServer({ trustProxy: ["127.0.0.0/8"] });
    assert.equal(await ask(url), "203.0.113.7");
    assert.equal(warn.mock.callCount(), 0);
  });
});
