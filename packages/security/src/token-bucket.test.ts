import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fullBucket, returnToken, secondsUntilFull, secondsUntilToken, takeToken } from "./token-bucket.ts";

const limits = fc.record({
  quota: fc.integer({ min: 1, max: 10_000 }),
  windowSeconds: fc.integer({ min: 1, max: 3_600 }),
});

describe("a token bucket", () => {
  it("allows a whole quota at once, and then nothing", () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const bucket = fullBucket(limit, 0);
        for (let n = 0; n < limit.quota; n++) assert(takeToken(bucket, limit, 0));
        assert(!takeToken(bucket, limit, 0));
        returnToken(bucket);
        assert(takeToken(bucket, limit, 0));
        assert(!takeToken(bucket, limit, 0));
      }),
    );
  });

  it("never allows more than its quota and the tokens that were added", () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(limits, pauses, (limit, pausesMs) => {
        const bucket = fullBucket(limit, 0);
        let nowMs = 0;
        let count = 0;
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          if (takeToken(bucket, limit, nowMs)) count++;
          assert(count <= limit.quota + (nowMs * limit.quota) / (limit.windowSeconds * 1_000) + 1e-6);
        }
      }),
    );
  });

  it("allows a request after the seconds that it reports", () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const bucket = fullBucket(limit, 0);
        while (takeToken(bucket, limit, 0));
        const seconds = secondsUntilToken(bucket, limit);
        // One millisecond more, for rounding errors.
        assert(takeToken(bucket, limit, seconds * 1_000 + 1));
      }),
    );
  });

  it("is full again after the seconds that it reports", () => {
    const limit = { quota: 10, windowSeconds: 5 };
    const bucket = fullBucket(limit, 0);
    assert.equal(secondsUntilFull(bucket, limit), 0);
    for (let n = 0; n < 10; n++) takeToken(bucket, limit, 0);
    assert.equal(secondsUntilFull(bucket, limit), 5);
    assert.equal(secondsUntilToken(bucket, limit), 1);
    for (let n = 0; n < 10; n++) assert(takeToken(bucket, limit, 5_000));
  });

  it("gains no tokens from a clock that is set back", () => {
    const limit = { quota: 2, windowSeconds: 1 };
    const bucket = fullBucket(limit, 10_000);
    assert(takeToken(bucket, limit, 10_000));
    assert(takeToken(bucket, limit, 9_000));
    assert(!takeToken(bucket, limit, 8_000));
    assert(!takeToken(bucket, limit, 8_100));
    assert(takeToken(bucket, limit, 8_600));
  });
});
