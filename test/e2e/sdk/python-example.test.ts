// The example in Python, against a real installation.
import { strict as assert } from "node:assert";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { newWebhookSecret } from "@onsale/security/webhook-secret";
import { webhookHeaders } from "@onsale/security/webhook-signature";
import { findFreePort } from "@onsale/standalone/free-port";
import { without } from "../../support/external/programs.ts";
import { newKey } from "../../support/http/api.ts";
import { startFaultyProxy } from "../../support/http/faulty-proxy.ts";
import { startProxy } from "../../support/http/proxy.ts";
import { python, startPython } from "../../support/sdk/python.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startNotifier, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { createWebhook, untilDelivery, webhookSettings } from "../../support/webhooks/webhooks.ts";

/** Passes a purchase on to the gateway, as a proxy does that then loses the answer. */
async function forward(request: IncomingMessage, url: string): Promise<void> {
  const headers = { "content-type": "application/json", "idempotency-key": String(request.headers["idempotency-key"]) };
  const body = await text(request);
  const response = await fetch(`${url}${request.url}`, { method: "POST", headers, body });
  await response.text();
}

describe("the example in Python", { skip: without("python3") }, () => {
  let installation: Installation;
  let url: string;

  before(async () => {
    installation = await startInstallation(postgresQueues, { settings: webhookSettings() });
    url = installation.api.baseUrl;
  });

  it("buys tickets, gets the same order for the same key, and says why there are none", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 3 });
    const key = newKey();
    const bought = await python(["buy.py", eventCode, "STANDARD", "2", key], url);
    assert.match(bought, /^Order \S+ is CONFIRMED\.\n$/);
    assert.equal(await python(["buy.py", eventCode, "STANDARD", "2", key], url), bought);
    const none = /^No tickets: Some tickets of this type are left, but fewer/;
    assert.match(await python(["buy.py", eventCode, "STANDARD", "2"], url), none);
    await assert.rejects(python(["buy.py", "no-such-event", "STANDARD", "1"], url), {
      code: 1,
      stderr: /^Not possible: .*\(404 event-not-found\)\n$/,
    });
    await assert.rejects(python(["buy.py", eventCode, "STANDARD", "1"], `${url}/api/v1`), {
      stderr: /base_url should be http:\/\/127\.0\.0\.1:\d+\n$/,
    });
    await installation.api.assertSound(eventCode);
  });

  it("says how its programs are used when something is missing", async () => {
    const unusable = [["buy.py"], ["buy.py", "EVNT-1", "STANDARD", "two"], ["watch.py"], ["receive.py"]];
    for (const words of unusable) await assert.rejects(python(words, url), { code: 1, stderr: /: .*python3 \w+\.py/ });
  });

  it("follows no redirect: the API key and the purchase are for the gateway alone", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 10 });
    let strayCount = 0;
    const other = await startFaultyProxy(url, () => {
      strayCount++;
      return false;
    });
    const gateway = await startFaultyProxy(url, (request, response) => {
      response.writeHead(302, { location: `${other}${request.url}` }).end();
      return true;
    });
    await assert.rejects(python(["buy.py", eventCode, "STANDARD", "1"], gateway), {
      code: 1,
      stderr: /^Not possible: .*\(302 unexpected-answer\)\n$/,
    });
    assert.equal(strayCount, 0);
  });

  it("sends a purchase again with the same key when its answer is lost, or the gateway is overloaded", async () => {
    const eventCode = await installation.api.createEvent({ STANDARD: 10 });
    const keys: unknown[] = [];
    const proxy = await startFaultyProxy(url, (request, response) => {
      if (request.method !== "POST") return false;
      keys.push(request.headers["idempotency-key"]);
      if (keys.length === 1) void forward(request, url).finally(() => response.destroy());
      else if (keys.length === 2)
        response.writeHead(502, { "content-type": "text/html" }).end("<html>Bad Gateway</html>");
      else if (keys.length === 3) {
        const problem = { code: "overloaded", detail: "Try again.", retryable: true };
        response.writeHead(503, { "retry-after": "0" }).end(JSON.stringify(problem));
      } else return false;
      return true;
    });

    assert.match(await python(["buy.py", eventCode, "STANDARD", "2"], proxy), /^Order \S+ is CONFIRMED\.\n$/);
    assert.deepEqual([keys.length, new Set(keys).size], [4, 1]);
    const [stock] = (await installation.api.get<{ sold: number }[]>(`/api/v1/inventory/${eventCode}`)).body;
    assert.equal(stock?.sold, 2, "the purchase was recorded once");
  });

  it("returns the pending order when the time is up, and reads on until it is decided", async () => {
    const idle = await startInstallation(postgresQueues, { workers: 0 });
    const eventCode = await idle.api.createEvent({ STANDARD: 1 });
    const wanted = JSON.stringify({ eventCode, ticketType: "STANDARD", quantity: 1 });
    const code = `import json, sys
from onsale import Client, purchase, wait_for_decision
client = Client("${idle.api.baseUrl}")
order = purchase(client, json.loads('${wanted}'), seconds=1.5)
print(order["status"], flush=True)
print(wait_for_decision(client, order)["status"])`;
    const program = startPython("-c", [code], {});
    await untilTrue("the time is up", () => program.output() === "PENDING\n");
    await startWorker(idle.environment);
    assert.equal(await program.exited, 0);
    assert.equal(program.output(), "PENDING\nCONFIRMED\n");
  });

  it("follows an order over broken connections until it is decided", async () => {
    const idle = await startInstallation(postgresQueues, { workers: 0 });
    const { body } = await idle.api.purchase({ eventCode: await idle.api.createEvent({ STANDARD: 1 }) });
    const proxy = await startProxy(idle.api.baseUrl);
    const program = startPython("watch.py", [body.id], { ONSALE_URL: proxy.url });
    await untilTrue("it prints the order", () => program.output() === "PENDING: 0 orders are before yours\n");
    proxy.breakConnections();
    await startWorker(idle.environment);
    assert.equal(await program.exited, 0);
    assert.equal(program.output(), "PENDING: 0 orders are before yours\nCONFIRMED\n");
    await assert.rejects(python(["watch.py", "no-such-order"], idle.api.baseUrl), {
      stderr: /^Not possible: .*\(404 order-not-found\)\n$/,
    });
  });

  it("receives webhooks from a notifier once each, and refuses forged ones", async () => {
    const { api, environment: services } = installation;
    await startNotifier(services);
    const port = String(await findFreePort());
    const receiver = `http://127.0.0.1:${port}/`;
    const eventCode = await api.createEvent({ STANDARD: 1 });
    const { id, secret } = await createWebhook(api, receiver, eventCode);
    const secrets = `${newWebhookSecret()} ${secret}`;
    const program = startPython("receive.py", [], { PORT: port, WEBHOOK_SECRETS: secrets });
    const ready = `Ready for webhooks at http://127.0.0.1:${port}\n`;
    await untilTrue("the example listens", () => program.output() === ready);

    const { body: order } = await api.purchase({ eventCode, waitSeconds: 20 });
    const delivered = await untilDelivery(api, id, ({ status }) => status === "DELIVERED");
    await api.post(`/api/v1/webhooks/${id}/deliveries/${delivered.id}/redeliver`, undefined);
    const isRepeated = ({ attempts, status }: typeof delivered) => status === "DELIVERED" && attempts.length === 2;
    await untilDelivery(api, id, isRepeated);
    assert.equal(program.output(), `${ready}Order ${order.id} is confirmed.\n`);

    assert.equal((await fetch(receiver, forge(order))).status, 400);
    assert.equal(program.output(), `${ready}Order ${order.id} is confirmed.\n`);
  });

  it("verifies as Standard Webhooks say", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const body = JSON.stringify({ type: "order.confirmed", timestamp: "2030-06-01T19:00:00Z", data: { name: "Zoë" } });
    const secret = newWebhookSecret();
    const signed = (timestamp: number, text = body) => webhookHeaders({ id: "msg_1", timestamp, body: text }, [secret]);
    const good = signed(now);
    const { "webhook-id": _, ...withoutId } = good;
    const upperCase = Object.fromEntries(Object.entries(good).map(([name, value]) => [name.toUpperCase(), value]));
    const cases: readonly (readonly [string, object, string, readonly string[]])[] = [
      ["order.confirmed", good, body, [secret]],
      ["order.confirmed", upperCase, body, [newWebhookSecret(), secret]],
      ["order.confirmed", { ...good, "webhook-signature": `v1,AAAA ${good["webhook-signature"]}` }, body, [secret]],
      ["order.confirmed", signed(now - 290), body, [secret]],
      ["the timestamp is too far from this clock", signed(now - 310), body, [secret]],
      ["the timestamp is too far from this clock", signed(now + 310), body, [secret]],
      ["the timestamp is not a number of seconds", { ...good, "webhook-timestamp": "1e9" }, body, [secret]],
      ["the header webhook-id must be sent once", withoutId, body, [secret]],
      ["the header webhook-id must be sent once", { ...good, "Webhook-Id": "msg_2" }, body, [secret]],
      ["no signature matches", good, `${body} `, [secret]],
      ["no signature matches", { ...good, "webhook-id": "msg_2" }, body, [secret]],
      ["no signature matches", good, body, [newWebhookSecret()]],
      ["no signature matches", { ...good, "webhook-signature": "é" }, body, [secret]],
      ["no secret was given", good, body, []],
      ["a secret must be whsec_ and base64", good, body, ["whsec_!"]],
      ["a secret must be whsec_ and base64", good, body, [secret, "whsec_A"]],
      ["the body is not a webhook of Onsale", signed(now, "[]"), "[]", [secret]],
    ];
    const code = `import json, sys
from onsale import WebhookRefused, verify_webhook
def verify(headers, body, secrets):
    try:
        return verify_webhook(headers, body.encode(), secrets)["type"]
    except WebhookRefused as error:
        return str(error)
print(json.dumps([verify(*case) for case in json.loads(sys.argv[1])]))`;
    const results: unknown = JSON.parse(
      await python(["-c", code, JSON.stringify(cases.map(([, ...given]) => given))], url),
    );
    assert.deepEqual(
      results,
      cases.map(([expected]) => expected),
    );
  });
});

/** A webhook as Onsale sends it, but signed with another secret. */
function forge(order: Order): RequestInit {
  const body = JSON.stringify({ type: "order.confirmed", timestamp: order.createdAt, data: { order } });
  const message = { id: "msg_1", timestamp: Math.floor(Date.now() / 1_000), body };
  return { method: "POST", headers: webhookHeaders(message, [newWebhookSecret()]), body };
}
