import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { newWebhookSecret } from "./webhook-secret.ts";
import { webhookHeaders } from "./webhook-signature.ts";

// The specification's library refuses old messages.
const now = () => Math.floor(Date.now() / 1_000);
const bodies = fc.jsonValue().map((value) => JSON.stringify({ value }));

describe("the headers of a webhook", () => {
  it("are verified by the library of the Standard Webhooks specification, for any body", () => {
    fc.assert(
      fc.property(fc.uuid(), bodies, (id, body) => {
        const secret = newWebhookSecret();
        const headers = webhookHeaders({ id, timestamp: now(), body }, [secret]);
        assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      }),
    );
  });

  it("are the ones that the library itself makes", () => {
    const secret = newWebhookSecret();
    const message = { id: "msg_1", timestamp: 1_900_000_000, body: '{"ticket":"🎫 für Zoë"}' };
    const signature = new Webhook(secret).sign(message.id, new Date(message.timestamp * 1_000), message.body);
    assert.deepEqual(webhookHeaders(message, [secret]), {
      "webhook-id": "msg_1",
      "webhook-timestamp": "1900000000",
      "webhook-signature": signature,
    });
  });

  it("are verified with each of several secrets, and with no other", () => {
    const secrets = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const body = '{"type":"webhook.ping"}';
    const headers = webhookHeaders({ id: "msg_1", timestamp: now(), body }, secrets);
    assert.equal(headers["webhook-signature"].split(" ").length, 3);
    for (const secret of secrets) assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
    assert.throws(() => new Webhook(newWebhookSecret()).verify(body, headers), WebhookVerificationError);
  });

  it("are not verified for another body, id or time", () => {
    const secret = newWebhookSecret();
    const webhook = new Webhook(secret);
    const timestamp = now();
    const body = '{"a":1}';
    const headers = webhookHeaders({ id: "msg_1", timestamp, body }, [secret]);
    assert.throws(() => webhook.verify('{"a":2}', headers), WebhookVerificationError);
    assert.throws(() => webhook.verify(`${body} `, headers), WebhookVerificationError);
    assert.throws(() => webhook.verify(body, { ...headers, "webhook-id": "msg_2" }), WebhookVerificationError);
    assert.throws(
      () => webhook.verify(body, { ...headers, "webhook-timestamp": String(timestamp + 1) }),
      WebhookVerificationError,
    );
  });
});
