import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { generateApiKey, parseApiKey } from "./api-key.ts";

describe("an API key", () => {
  it("has the prefix, its id, 32 random bytes and a checksum, all in base62", () => {
    const { id, key } = generateApiKey();
    assert.match(key, /^onsale_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    assert.equal(key.split("_")[1], id);
  });

  it("is different each time", () => {
    const keys = Array.from({ length: 1_000 }, generateApiKey);
    assert.equal(new Set(keys.map(({ id }) => id)).size, keys.length);
    assert.equal(new Set(keys.map(({ key }) => key.split("_")[2])).size, keys.length);
  });

  it("is identified by its id and the SHA-256 of the whole key", () => {
    const { id, key, hash } = generateApiKey();
    const parsed = parseApiKey(key);
    assert.deepEqual(parsed, { id, hash });
    assert.deepEqual(parsed?.hash, createHash("sha256").update(key).digest());
  });

  it("is refused when one character is changed, missing or added", () => {
    const { key } = generateApiKey();
    const character = fc.constantFrom(..."019AZaz_-=.é\n\0 ".split(""));
    const position = fc.nat({ max: key.length - 1 });
    fc.assert(
      fc.property(position, character, (at, other) => {
        fc.pre(key.charAt(at) !== other);
        assert.equal(parseApiKey(key.slice(0, at) + other + key.slice(at + 1)), null);
        assert.equal(parseApiKey(key.slice(0, at) + key.slice(at + 1)), null);
        assert.equal(parseApiKey(key.slice(0, at) + other + key.slice(at)), null);
      }),
    );
  });

  it("is refused for any other text of any length", () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseApiKey(text), null)));
    for (const text of ["", "onsale_", "onsale___", "a".repeat(1_000_000)]) assert.equal(parseApiKey(text), null);
  });
});
