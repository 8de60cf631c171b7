import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { newWebhookSecret, openSecret, sealingKeyBytes, sealSecret } from "./webhook-secret.ts";

const key = randomBytes(sealingKeyBytes);
const endpointId = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";

describe("a webhook secret", () => {
  it("is whsec_ and 32 bytes as base64, and each is different", () => {
    const secrets = Array.from({ length: 100 }, newWebhookSecret);
    for (const secret of secrets) {
      assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
      assert.equal(Buffer.from(secret.slice("whsec_".length), "base64").length, 32);
    }
    assert.equal(new Set(secrets).size, secrets.length);
  });
});

describe("a sealed secret", () => {
  it("is opened with the key and for the endpoint that it was sealed with", () => {
    const texts = fc.string({ minLength: 1, unit: "grapheme" });
    fc.assert(fc.property(texts, fc.uuid(), (text, id) => openSecret(key, id, sealSecret(key, id, text)) === text));
  });

  it("does not contain the secret, and is never the same twice", () => {
    const secret = newWebhookSecret();
    const sealed = Array.from({ length: 50 }, () => sealSecret(key, endpointId, secret));
    for (const bytes of sealed) {
      assert(!bytes.includes(secret));
      assert(!bytes.includes(Buffer.from(secret.slice("whsec_".length), "base64")));
    }
    assert.equal(new Set(sealed.map((bytes) => bytes.toString("hex"))).size, sealed.length);
  });

  it("is not opened with another key, or for another endpoint", () => {
    const sealed = sealSecret(key, endpointId, newWebhookSecret());
    assert.throws(() => openSecret(randomBytes(sealingKeyBytes), endpointId, sealed));
    assert.throws(() => openSecret(key, endpointId.replace("0198", "0199"), sealed));
    assert.throws(() => openSecret(key, endpointId.toUpperCase(), sealed));
    assert.throws(() => openSecret(key, "", sealed));
  });

  it("is not opened when a single bit of it was changed", () => {
    const sealed = sealSecret(key, endpointId, newWebhookSecret());
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(sealed);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        assert.throws(() => openSecret(key, endpointId, changed));
      }),
      { numRuns: 500 },
    );
  });

  it("is not opened when it is shortened, or is something else", () => {
    const sealed = sealSecret(key, endpointId, newWebhookSecret());
    for (let length = 0; length < sealed.length; length++) {
      assert.throws(() => openSecret(key, endpointId, sealed.subarray(0, length)));
    }
    assert.throws(() => openSecret(key, endpointId, Buffer.concat([sealed, Buffer.of(0)])));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.throws(() => openSecret(key, endpointId, Buffer.from(bytes)));
      }),
    );
  });

  it("reveals neither key nor secret in the error when it cannot be opened", () => {
    const secret = newWebhookSecret();
    const other = randomBytes(sealingKeyBytes);
    const error = (() => {
      try {
        return openSecret(other, endpointId, sealSecret(key, endpointId, secret));
      } catch (thrown) {
        return String(thrown);
      }
    })();
    assert(!error.includes("whsec_") && !error.includes(other.toString("hex")) && !error.includes(key.toString("hex")));
  });
});
