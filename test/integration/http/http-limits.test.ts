import { strict as assert } from "node:assert";
import { connect as connectSocket, type Socket } from "node:net";
import { before, describe, it } from "node:test";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { sendRaw } from "../../support/http/raw-http.ts";
import { type Service, startGateway } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const connectionsMax = 4;

describe("a gateway's HTTP server", () => {
  let gateway: Service;

  before(async () => {
    const environment = { DATABASE_URL: await createTestDatabase(), CONNECTIONS_MAX: String(connectionsMax) };
    gateway = await startGateway(environment);
  });

  const get = (path: string, host: string) =>
    sendRaw(gateway.url, `GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);

  it("answers without API keys only under a name of this machine", async () => {
    for (const path of ["/api/v1/events", "/openapi.json", "/docs/", "/livez", "/nowhere"]) {
      for (const host of ["attacker.example", "127.0.0.1.attacker.example:8080", "192.0.2.1", ""]) {
        const answer = await get(path, `Host: ${host}\r\n`);
        assert.match(answer, /^HTTP\/1.1 421 .*"code":"host-refused"/s, `${path} of ${host}`);
      }
    }
    for (const host of ["localhost", "127.0.0.1:8080", "[::1]:1234", "LocalHost:80"]) {
      assert.match(await get("/api/v1/events", `Host: ${host}\r\n`), /^HTTP\/1.1 200 /, host);
    }
  });

  it("accepts no more connections than its limit, and the next one when one has closed", async () => {
    const open: Socket[] = [];
    const isOpen = async () => {
      const socket = connectSocket(Number(new URL(gateway.url).port), "127.0.0.1");
      open.push(socket);
      atEnd(() => socket.destroy());
      socket.on("error", () => undefined);
      socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return new Promise<boolean>((resolve) => {
        socket.once("data", () => resolve(true));
        socket.once("close", () => resolve(false));
      });
    };
    await untilTrue("all connections of the limit are open", async () => {
      for (const socket of open.splice(0)) socket.destroy();
      for (let n = 0; n < connectionsMax; n++) if (!(await isOpen())) return false;
      return true;
    });
    assert.equal(await isOpen(), false);
    open[0]?.destroy();
    await untilTrue("another connection is accepted", isOpen);
  });
});

describe("pages that a browser shows", () => {
  it("allow no scripts but their own, and no frames", async () => {
    const gateway = await startGateway({ DATABASE_URL: await createTestDatabase() });
    for (const path of ["/docs", "/docs/", "/docs/scalar.js", "/swagger-ui/", "/docs/static/swagger-ui-bundle.js"]) {
      const { headers } = await fetch(gateway.url + path);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /script-src 'self'(;|$)/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert(!policy.includes("upgrade-insecure-requests"), "a gateway may serve plain HTTP");
      assert.equal(headers.get("strict-transport-security"), null);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("x-frame-options"), "SAMEORIGIN");
    }
  });
});
