import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { verifyWebhook, type WebhookFault, WebhookVerificationError } from "./verify-webhook.ts";

const secret = `whsec_${randomBytes(24).toString("base64")}`;
const otherSecret = `whsec_${randomBytes(24).toString("base64")}`;
const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const order = { id: "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10", status: "CONFIRMED", version: 2 };
const body = JSON.stringify({ type: "order.confirmed", timestamp: "2030-06-01T19:00:00.000Z", data: { order } });

/** The headers of a webhook, signed by the reference implementation. */
function sign(text: string, { by = secret, at = new Date() } = {}) {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(by).sign(id, at, text),
  };
}

async function assertRefused(reason: WebhookFault, verifying: Promise<unknown>, what?: string): Promise<void> {
  const hasReason = (error: unknown) => error instanceof WebhookVerificationError && error.reason === reason;
  await assert.rejects(verifying, hasReason, what ?? reason);
}

describe("verifyWebhook", () => {
  it("returns the content of a genuine webhook", async () => {
    const event = await verifyWebhook(sign(body), body, secret);
    assert(event.type === "order.confirmed");
    assert.equal(event.data.order.id, order.id);
    assert.equal(event.timestamp, "2030-06-01T19:00:00.000Z");
  });

  it("accepts and refuses the same webhooks as the reference implementation", async () => {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const parts = fc.record({
      // Far enough from the limit of 300 s for the time that the test takes.
      age: fc.constantFrom(0, 1, -1, 280, -280, 320, -320, 1e6),
      key: fc.constantFrom(secret, otherSecret),
      prefix: fc.constantFrom("", "v1,AAAA ", "v2,AAAA ", "v1a,AAAA "),
      suffix: fc.constantFrom("", " v1,AAAA", "A", " "),
      change: fc.constantFrom("", " ", "é"),
      text: fc
        .string({ unit: "grapheme" })
        .map((detail) => JSON.stringify({ type: "webhook.ping", timestamp: "", data: { detail } })),
    });
    const property = fc.asyncProperty(parts, async ({ age, key, prefix, suffix, change, text }) => {
      const headers = sign(text, { by: key, at: new Date((nowSeconds - age) * 1_000) });
      headers["webhook-signature"] = `${prefix}${headers["webhook-signature"]}${suffix}`;
      const isGenuine = accepts(() => new Webhook(secret).verify(text + change, headers));
      const verified = await verifyWebhook(headers, text + change, secret).then(
        () => true,
        () => false,
      );
      assert.equal(verified, isGenuine);
    });
    await fc.assert(property, { numRuns: 400 });
  });

  it("accepts any of several secrets, and any of several signatures", async () => {
    const headers = sign(body, { by: otherSecret });
    await verifyWebhook(headers, body, [secret, otherSecret]);
    const both = `v1,AAAA v1a,BBBB ${headers["webhook-signature"]}`;
    await verifyWebhook({ ...headers, "webhook-signature": both }, body, [secret, otherSecret]);
    await assertRefused("signature-mismatch", verifyWebhook(headers, body, [secret]));
  });

  it("accepts headers as Headers, in any letter case, and as Node gives them", async () => {
    const headers = sign(body);
    await verifyWebhook(new Headers(headers), body, secret);
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    await verifyWebhook(upper, body, secret);
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    await verifyWebhook({ ...lists, host: "example.com", "x-none": undefined }, body, secret);
  });

  it("accepts the body as text or bytes", async () => {
    const text = body.replace("CONFIRMED", "Größe 🎫");
    await verifyWebhook(sign(text), new TextEncoder().encode(text), secret);
    await verifyWebhook(sign(text), Buffer.from(text), secret);
  });

  it("refuses headers that are missing, empty or doubled", async () => {
    const headers = sign(body);
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      for (const value of [undefined, "", [], ["a", "b"]]) {
        await assertRefused("headers-invalid", verifyWebhook({ ...headers, [name]: value }, body, secret), name);
      }
    }
    await assertRefused("headers-invalid", verifyWebhook({ ...headers, "Webhook-Id": "other" }, body, secret));
    await assertRefused("headers-invalid", verifyWebhook(new Headers(), body, secret));
  });

  it("refuses timestamps too far in the past or the future, to the second", async () => {
    const now = new Date("2030-06-01T19:00:00.999Z");
    const at = (seconds: number) => sign(body, { at: new Date(Date.parse("2030-06-01T19:00:00Z") + seconds * 1_000) });
    await verifyWebhook(at(-300), body, secret, { now });
    await verifyWebhook(at(300), body, secret, { now });
    await assertRefused("timestamp-too-old", verifyWebhook(at(-301), body, secret, { now }));
    await assertRefused("timestamp-too-new", verifyWebhook(at(301), body, secret, { now }));
    await verifyWebhook(at(-301), body, secret, { now, toleranceSeconds: 301 });
    await assertRefused("timestamp-too-old", verifyWebhook(at(-1), body, secret, { now, toleranceSeconds: 0 }));
  });

  it("refuses a timestamp that is not a number, and an invalid time or tolerance to compare it with", async () => {
    for (const timestamp of ["soon", "1e9", "-1", "1.5", " 1", "9".repeat(16)]) {
      const headers = { ...sign(body), "webhook-timestamp": timestamp };
      await assertRefused("timestamp-invalid", verifyWebhook(headers, body, secret), timestamp);
    }
    await assertRefused("timestamp-invalid", verifyWebhook(sign(body), body, secret, { now: new Date("never") }));
    await assertRefused("timestamp-invalid", verifyWebhook(sign(body), body, secret, { toleranceSeconds: Number.NaN }));
  });

  it("refuses invalid secrets: with an empty one anyone could sign", async () => {
    for (const bad of ["", "whsec_", "whsec_ä", "whsec_====", "whsec_A", "whsec_AA=A"]) {
      await assertRefused("secret-invalid", verifyWebhook(sign(body), body, bad), bad);
      await assertRefused("secret-invalid", verifyWebhook(sign(body), body, [secret, bad]), bad);
    }
    await assertRefused("secret-invalid", verifyWebhook(sign(body), body, []));
  });

  it("refuses a body with any bit changed", async () => {
    const bytes = new TextEncoder().encode(body);
    const property = fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
      const changed = bytes.map((byte, n) => (n === at ? byte ^ (1 << bit) : byte));
      await assertRefused("signature-mismatch", verifyWebhook(sign(body), changed, secret));
    });
    await fc.assert(property);
  });

  it("refuses a genuine body that is not a webhook of this API", async () => {
    const bodies = ["", "null", "[]", "{}", "no JSON", '{"type":"order.confirmed","timestamp":"","data":{}}'];
    for (const text of bodies) await assertRefused("body-invalid", verifyWebhook(sign(text), text, secret), text);
    // Each field that its type promises is there.
    const order = { id: "1", status: "CANCELLED", version: 3 };
    for (const [type, data] of [
      ["order.held", {}],
      ["order.expired", {}],
      ["order.cancelled", { order }],
      ["order.cancelled", { order, cancelledItems: [{ ticketType: "VIP" }] }],
      ["order.refund_required", { order }],
    ]) {
      const text = JSON.stringify({ type, timestamp: "2030-06-01T19:00:00.000Z", data });
      await assertRefused("body-invalid", verifyWebhook(sign(text), text, secret), text);
    }
  });

  it("returns what was cancelled, what to pay back, and which payment found no tickets", async () => {
    const timestamp = "2030-06-01T19:00:00.000Z";
    const order = { id: "1", status: "CANCELLED", version: 3 };
    const cancelledItems = [{ ticketType: "VIP", quantity: 1 }];
    for (const event of [
      { type: "order.held", timestamp, data: { order } },
      { type: "order.expired", timestamp, data: { order } },
      { type: "order.cancelled", timestamp, data: { order, cancelledItems } },
      {
        type: "order.cancelled",
        timestamp,
        data: { order, cancelledItems, refund: { amount: 4_500, currency: "EUR" } },
      },
      { type: "order.refund_required", timestamp, data: { order, paymentReference: "pay_1" } },
    ]) {
      const text = JSON.stringify(event);
      assert.deepEqual(await verifyWebhook(sign(text), text, secret), event);
    }
  });

  it("returns a type that it does not know, so that the caller can ignore it", async () => {
    const text = '{"type":"order.moved","timestamp":"2030-06-01T19:00:00.000Z","data":{"a":1}}';
    assert.deepEqual(await verifyWebhook(sign(text), text, secret), {
      type: "unknown",
      unknownType: "order.moved",
      timestamp: "2030-06-01T19:00:00.000Z",
      data: { a: 1 },
    });
  });
});

function accepts(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    return false;
  }
}
