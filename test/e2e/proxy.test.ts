// The proxy that docker-compose.yml puts before the gateways.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createApi } from "../support/api.ts";
import type { Backend } from "../support/backends.ts";
import { atEnd } from "../support/cleanup.ts";
import { haproxyConfig, startProxy } from "../support/haproxy.ts";
import { startInstallation } from "../support/installation.ts";
import { without } from "../support/programs.ts";

const backend: Backend = { name: "PostgreSQL queues", skip: false, start: async () => ({}) };

describe("the proxy before the gateways", { skip: without("haproxy") }, () => {
  it("has a configuration that HAProxy accepts as it is", () => {
    execFileSync("haproxy", ["-c", "-q", "-f", haproxyConfig], { stdio: "pipe" });
  });

  it("sells on while a gateway dies, and no order is lost or doubled", async () => {
    const { gateways, apis } = await startInstallation(backend, { gateways: 2 });
    const proxied = createApi(await startProxy(gateways.map(({ url }) => url)));
    const eventCode = await proxied.createEvent({ STANDARD: 1_000 });
    const buy = async (key: string): Promise<string> => {
      // What a client does that was cut off: the same purchase again.
      for (let attempt = 0; attempt < 20; attempt += 1) {
        const answer = await proxied.purchase({ eventCode, key, waitSeconds: 10 }).catch(() => undefined);
        if (answer?.status === 200) return answer.body.id;
      }
      throw new Error(`${key} was not sold`);
    };
    const buyers = Array.from({ length: 200 }, (_, number) => number);
    let sold = 0;
    const ids = await Promise.all(
      Array.from({ length: 10 }, async (_, lane) => {
        const own: string[] = [];
        for (const number of buyers.filter((one) => one % 10 === lane)) {
          own.push(await buy(`buyer-${number}`));
          sold += 1;
          if (sold === 60) await gateways[0]?.kill();
        }
        return own;
      }),
    );
    assert.equal(new Set(ids.flat()).size, 200);
    const audit = await (apis[1] ?? proxied).assertSound(eventCode);
    assert.equal(audit.orders.confirmed, 200);
  });

  it("tells gateways where a request comes from, behind what the client says", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      if (request.url === "/who") seen.push(request.headers["x-forwarded-for"]?.toString());
      response.end("{}");
    });
    server.listen(0, "127.0.0.1");
    atEnd(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const url = await startProxy([`http://127.0.0.1:${port}`]);
    await fetch(`${url}/who`, { headers: { "x-forwarded-for": "203.0.113.7" } });
    assert.deepEqual(seen, ["203.0.113.7, 127.0.0.1"]);
  });
});
