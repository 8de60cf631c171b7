// The rules of HTTP that every server of ours has; hostile-clients.test.ts has those of the gateway.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { createMetrics } from "@onsale/observability/metrics";
import { startOpsServer } from "@onsale/service/ops-server";
import { adminPassword, logIn, startAdminService } from "../../support/browser/admin.ts";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { sendRaw } from "../../support/http/raw-http.ts";

type Server = Readonly<{ url: string; path: string; headers: readonly string[] }>;

const formType = "Content-Type: application/x-www-form-urlencoded";

/** A request as bytes, whose connection the server closes after its answer. */
function message(line: string, headers: readonly string[], body: string | Buffer = ""): Buffer {
  const bytes = Buffer.from(body);
  const length = bytes.length === 0 ? [] : [`Content-Length: ${bytes.length}`];
  const head = [line, ...headers, ...length, "Connection: close", "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head), bytes]);
}

describe("a server beside the gateway", () => {
  let admin: Server;
  let servers: readonly Server[];

  before(async () => {
    const { url } = await startAdminService({ DATABASE_URL: await createTestDatabase() });
    const ops = await startOpsServer({ host: "127.0.0.1", port: 0 }, createMetrics(), async () => true);
    atEnd(ops.close);
    const { cookie } = await logIn(url);
    admin = { url, path: "/api/events?q=a", headers: [`Cookie: ${cookie}`] };
    servers = [admin, { url: ops.url, path: "/livez", headers: [] }];
  });

  it("refuses headers that are missing or contradict each other, and says why", async () => {
    for (const { url, path, headers } of servers) {
      const line = `GET ${path} HTTP/1.1`;
      const host = ["Host: localhost", ...headers];
      const cases: [number, RegExp, Buffer][] = [
        [400, /needs a Host header/, message(line, headers)],
        [400, /at most one host header/, message(line, [...host, "Host: elsewhere"])],
        [400, /at most one authorization header/, message(line, [...host, "Authorization: a", "authorization: b"])],
        [400, /at most one content-type header/, message(line, [...host, formType, formType])],
        [417, /100-continue/, message(line, [...host, "Expect: foo"])],
      ];
      for (const [status, reason, request] of cases) {
        const answer = await sendRaw(url, request);
        assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), String(request));
        assert.match(answer, /content-type: application\/json/i, String(request));
        assert.match(answer, reason, String(request));
      }
      assert.match(await sendRaw(url, message(line, host)), /^HTTP\/1.1 200 /);
      assert.match(await sendRaw(url, message(`GET ${path} HTTP/1.0`, headers)), /^HTTP\/1.1 200 /);
    }
  });

  it("takes a semicolon as a part of the path, and no path for a failure of its own", async () => {
    for (const { url, path, headers } of servers) {
      const plainPath = path.split("?")[0] ?? "";
      for (const odd of [`${plainPath};`, `${plainPath};x=1`, `/queues/api/queues;x`, "/%ff", "/%zz", "/assets/%00"]) {
        const answer = await sendRaw(url, message(`GET ${odd} HTTP/1.1`, ["Host: localhost", ...headers]));
        assert.match(answer, /^HTTP\/1.1 (400|404) /, odd);
      }
    }
  });

  it("the admin service reads bodies in UTF-8 only, neither compressed nor in another charset", async () => {
    const login = `user=admin&password=${adminPassword}`;
    const invalid = Buffer.concat([Buffer.from(login), Buffer.from([0xff])]);
    const cut = Buffer.concat([Buffer.from(login), Buffer.from([0xe2, 0x82])]);
    const cases: [number, string[], string | Buffer][] = [
      [303, [formType], login],
      [303, [`${formType}; charset=UTF-8`], login],
      [400, [formType], invalid],
      [400, [formType], cut],
      [400, ["Content-Type: application/json"], invalid],
      [415, [`${formType}; charset=iso-8859-1`], login],
      [415, [formType, "Content-Encoding: gzip"], login],
      [415, ["Content-Type: text/plain"], login],
    ];
    for (const [status, headers, body] of cases) {
      const all = ["Host: localhost", "Sec-Fetch-Site: same-origin", ...headers];
      const answer = await sendRaw(admin.url, message("POST /login HTTP/1.1", all, body));
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), `${headers}: ${body}`);
    }
  });
});
