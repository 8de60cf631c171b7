import { strict as assert } from "node:assert";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Strategy } from "@onsale/contracts/order";
import fc from "fast-check";
import { sumLines } from "./decide.ts";
import type { Demand } from "./demand.ts";
import { fingerprint, parseIdempotencyKey } from "./idempotency.ts";

const invalid = { ok: false, problem: "idempotency-key-invalid" };

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const keys = fc.string({ unit: visible, minLength: 1, maxLength: 255 });

/** The key as a structured field string. */
function quote(key: string): string {
  return `"${key.replace(/["\\]/g, "\\$&")}"`;
}

describe("an idempotency key", () => {
  it("is the same bare and quoted", () => {
    const bareKeys = keys.filter((key) => !key.startsWith('"'));
    fc.assert(
      fc.property(bareKeys, (key) => {
        assert.deepEqual(parseIdempotencyKey(key), { ok: true, key });
        assert.deepEqual(parseIdempotencyKey(quote(key)), { ok: true, key });
      }),
    );
  });

  it("can be any visible ASCII text when it is quoted, with quotes and backslashes escaped", () => {
    fc.assert(fc.property(keys, (key) => assert.deepEqual(parseIdempotencyKey(quote(key)), { ok: true, key })));
    assert.deepEqual(parseIdempotencyKey(String.raw`"a\"b\\c"`), { ok: true, key: String.raw`a"b\c` });
  });

  it("has up to 255 characters, in both forms; escapes do not count", () => {
    for (const character of ["k", "\\"]) {
      const longest = character.repeat(255);
      assert.deepEqual(parseIdempotencyKey(longest), { ok: true, key: longest });
      assert.deepEqual(parseIdempotencyKey(quote(longest)), { ok: true, key: longest });
      assert.deepEqual(parseIdempotencyKey(character.repeat(256)), invalid);
      assert.deepEqual(parseIdempotencyKey(quote(character.repeat(256))), invalid);
    }
  });

  it("is missing without the header, and invalid when the header is empty", () => {
    assert.deepEqual(parseIdempotencyKey(undefined), { ok: false, problem: "idempotency-key-missing" });
    assert.deepEqual(parseIdempotencyKey(""), invalid);
    assert.deepEqual(parseIdempotencyKey('""'), invalid);
  });

  it("has no space, control character or non-ASCII character anywhere, in either form", () => {
    const codes = fc.oneof(fc.nat(0x20), fc.integer({ min: 0x7f, max: 0xffff }));
    const others = codes.map((code) => String.fromCharCode(code));
    const parts = fc.string({ unit: visible, maxLength: 5 });
    fc.assert(
      fc.property(parts, others, parts, (before, character, after) => {
        const key = before + character + after;
        assert.deepEqual(parseIdempotencyKey(key), invalid);
        assert.deepEqual(parseIdempotencyKey(quote(key)), invalid);
      }),
    );
  });

  it("is invalid when the header was sent twice, which Node joins with a comma and a space", () => {
    const headers = keys.chain((key) => fc.constantFrom(key, quote(key)));
    fc.assert(fc.property(headers, headers, (a, b) => assert.deepEqual(parseIdempotencyKey(`${a}, ${b}`), invalid)));
  });

  it("is invalid when its quotes or escapes are unbalanced", () => {
    for (const header of ['"', '"abc', '"abc"def"', '"abc";a=1', '"a"b"', String.raw`"abc\"`, String.raw`"a\bc"`]) {
      assert.deepEqual(parseIdempotencyKey(header), invalid, header);
    }
  });

  it("is read from any header without an exception, and is visible ASCII whenever it is valid", () => {
    const anything = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 300 });
    const almostKeys = fc.string({ unit: fc.constantFrom('"', "\\", "a", " ") });
    fc.assert(
      fc.property(fc.oneof(anything, almostKeys), (header) => {
        const parsed = parseIdempotencyKey(header);
        if (parsed.ok) assert.match(parsed.key, /^[\x21-\x7E]{1,255}$/);
        else assert.deepEqual(parsed, invalid);
      }),
    );
  });
});

describe("a fingerprint", () => {
  // Few values, so that equal requests, single differences and shifted boundaries all occur.
  const words = fc.constantFrom("A", "AA");
  const lines = fc
    .array(fc.record({ ticketType: words, quantity: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 3 })
    .map(sumLines);
  const demands: fc.Arbitrary<Demand> = fc.record({
    eventCode: words,
    lines,
    holdSeconds: fc.constantFrom(null, 600, 601),
    allowPartial: fc.boolean(),
    customerRef: fc.constantFrom(null, "null", "A"),
    waitlist: fc.boolean(),
    accessCode: fc.constantFrom(null, "null", "A"),
  });
  const requests = fc
    .tuple(demands, fc.constantFrom<Strategy>("optimistic", "pessimistic"))
    // Of one line there is no part (demand.ts).
    .map(([demand, strategy]): [Demand, Strategy] => {
      return [{ ...demand, allowPartial: demand.allowPartial && demand.lines.length > 1 }, strategy];
    });
  const sorted = ([{ lines, ...rest }, strategy]: [Demand, Strategy]) => {
    return [{ ...rest, lines: [...lines].sort((a, b) => (a.ticketType < b.ticketType ? -1 : 1)) }, strategy];
  };

  it("is the same for lines in any order", () => {
    fc.assert(
      fc.property(requests, ([demand, strategy]) => {
        const turned = { ...demand, lines: demand.lines.toReversed() };
        assert.equal(fingerprint(turned, strategy), fingerprint(demand, strategy));
      }),
    );
  });

  it("differs as soon as one field does, a customer reference that is absent included", () => {
    fc.assert(
      fc.property(requests, requests, (a, b) => {
        assert.equal(fingerprint(...a) === fingerprint(...b), isDeepStrictEqual(sorted(a), sorted(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("of a plain purchase is what it was before holds and baskets existed", () => {
    const line = { ticketType: "VIP", quantity: 1 };
    const without = { holdSeconds: null, allowPartial: false, waitlist: false, accessCode: null };
    const plain = { eventCode: "ROCK", lines: [line], customerRef: "c-1", ...without };
    const before = hash("sha256", JSON.stringify(["ROCK", "VIP", 1, "c-1", "optimistic"]), "hex");
    assert.equal(fingerprint(plain, "optimistic"), before);
    assert.notEqual(fingerprint({ ...plain, holdSeconds: 600 }, "optimistic"), before);
  });

  it("has 64 hexadecimal characters", () => {
    fc.assert(fc.property(requests, (request) => assert.match(fingerprint(...request), /^[0-9a-f]{64}$/)));
  });
});
