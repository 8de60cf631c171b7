import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { findFreePort } from "./free-port.ts";

/** The lowest port of outgoing connections on Linux, by default; it is higher elsewhere. */
const outgoingPortMin = 32_768;
const redisBusOffset = 10_000;
/** The highest port that the Fetch standard blocks. */
const fetchBlockedMax = 10_080;

describe("a free port", () => {
  it("is below the ports of outgoing connections, as is Redis Cluster's bus, and no browser blocks it", async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, findFreePort));
    for (const port of ports) assert(port > fetchBlockedMax && port + redisBusOffset < outgoingPortMin, String(port));
    assert.equal(new Set(ports).size, ports.length);
  });

  it("is not found by another process that searches at the same time", async () => {
    const file = JSON.stringify(join(import.meta.dirname, "free-port.ts"));
    const script = `
      const { findFreePort } = await import(${file});
      console.log(JSON.stringify(await Promise.all(Array.from({ length: 10 }, findFreePort))));`;
    const search = async (): Promise<number[]> => {
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
      return JSON.parse(stdout);
    };
    const ports = (await Promise.all(Array.from({ length: 16 }, search))).flat();
    assert.equal(new Set(ports).size, ports.length);
  });

  it("can be listened on at once", async () => {
    const server = createServer().listen(await findFreePort(), "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
  });
});
