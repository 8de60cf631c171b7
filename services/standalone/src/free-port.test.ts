import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { findFreePort } from "./free-port.ts";

/** Where Linux begins with the ports of outgoing connections, unless it was told otherwise; others begin above. */
const outgoingPortMin = 32_768;
const redisBusOffset = 10_000;

describe("a free port", () => {
  it("is below those of outgoing connections, and so is the one that Redis Cluster's bus takes", async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, findFreePort));
    for (const port of ports) assert(port >= 1_024 && port + redisBusOffset < outgoingPortMin, String(port));
    assert(new Set(ports).size > 100);
  });

  it("can be listened on at once", async () => {
    const server = createServer().listen(await findFreePort(), "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
  });
});
