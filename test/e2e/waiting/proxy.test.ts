// Tests HAProxy with the configuration that docker-compose.yml uses before the gateways.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, it } from "node:test";
import { Problem, problemCatalogue, problemType } from "@onsale/contracts/problem";
import { Parse } from "typebox/value";
import { atEnd } from "../../support/cleanup.ts";
import { haproxyConfig, startProxy } from "../../support/external/haproxy.ts";
import { without } from "../../support/external/programs.ts";
import { createApi } from "../../support/http/api.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";

describe("the proxy before the gateways", { skip: without("haproxy") }, () => {
  it("has a configuration that HAProxy accepts unchanged", () => {
    execFileSync("haproxy", ["-c", "-q", "-f", haproxyConfig], { stdio: "pipe" });
  });

  it("continues the sale when a gateway dies, without a lost or duplicate order", async () => {
    const { gateways, apis } = await startInstallation(postgresQueues, { gateways: 2 });
    const proxied = createApi(await startProxy(gateways.map(({ url }) => url)));
    const eventCode = await proxied.createEvent({ STANDARD: 1_000 });
    const buy = async (key: string): Promise<string> => {
      // A client whose connection breaks repeats the same purchase.
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

  it("sends gateways the client's address, and ignores the client's own X-Forwarded-For", async () => {
    const seen: (string | undefined)[] = [];
    const { url: gateway } = await startStub((request, response) => {
      if (request.url === "/who") seen.push(request.headers["x-forwarded-for"]?.toString());
      response.end("{}");
    });
    const ask = async (proxy: string) => fetch(`${proxy}/who`, { headers: { "x-forwarded-for": "203.0.113.7" } });
    await ask(await startProxy([gateway]));
    await ask(await startProxy([gateway], { apiProxies: "198.51.100.0/24 192.0.2.1" }));
    assert.deepEqual(seen, ["127.0.0.1", "127.0.0.1"]);
  });

  it("passes on the X-Forwarded-For of a trusted proxy", async () => {
    const seen: (string | undefined)[] = [];
    const { url: gateway } = await startStub((request, response) => {
      if (request.url === "/who") seen.push(request.headers["x-forwarded-for"]?.toString());
      response.end("{}");
    });
    const proxy = await startProxy([gateway], { apiProxies: "198.51.100.0/24 127.0.0.1" });
    await fetch(`${proxy}/who`, { headers: { "x-forwarded-for": "203.0.113.7" } });
    assert.deepEqual(seen, ["203.0.113.7, 127.0.0.1"]);
  });

  it("answers with problem details when no gateway answers", async () => {
    const stub = await startStub((request, response) => {
      if (request.url === "/broken") request.socket.destroy();
      else if (request.url !== "/silent") response.end("{}");
    });
    const proxy = await startProxy([stub.url], { serverTimeout: "1s" });
    await assertProblem(`${proxy}/broken`, 502);
    await assertProblem(`${proxy}/silent`, 504);
    stub.close();
    await assertProblem(`${proxy}/gone`, 503);
  });
});

/** Starts a server in place of a gateway, with the listener of a test. */
async function startStub(listener: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  atEnd(close);
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return { url: `http://127.0.0.1:${address.port}`, close };
}

/** Fails unless the answer is a retryable problem as the API documents it. */
async function assertProblem(url: string, status: number): Promise<void> {
  const response = await fetch(url);
  const problem = Parse(Problem, await response.json());
  assert.deepEqual([response.status, problem.status], [status, status]);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("retry-after"), "1");
  const { title, retryable } = problemCatalogue["dependency-unavailable"];
  assert.deepEqual([problem.code, problem.title, problem.retryable], ["dependency-unavailable", title, retryable]);
  assert.equal(problem.type, problemType("dependency-unavailable"));
}
