import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { backoffMs, pauseMs, readRetryAfter } from "./backoff.ts";
import { NetworkError, ProblemError } from "./errors.ts";

const overloaded = {
  type: "urn:onsale:problem:overloaded",
  title: "More requests are waiting than can be accepted",
  status: 503,
  detail: "Try again.",
  instance: "/api/v1/orders/purchase",
  code: "overloaded",
  requestId: "1",
  retryable: true,
};
const nowMs = Date.parse("2030-06-01T19:00:00Z");

describe("the pause before another try", () => {
  it("is random, from nothing to a limit that doubles from 100 ms to 5 s", () => {
    const almostOne = 1 - Number.EPSILON;
    const limits = Array.from({ length: 9 }, (_, failureCount) => Math.round(backoffMs(failureCount, () => almostOne)));
    assert.deepEqual(limits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    assert.equal(
      backoffMs(5_000, () => 0),
      0,
    );
    assert.equal(
      backoffMs(5_000, () => 0.5),
      2_500,
    );
  });

  it("is never shorter than the server asked for, and at most the backoff longer", () => {
    const property = fc.property(
      fc.nat(60_000),
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (asked, n, r) => {
        const ms = pauseMs(new ProblemError(overloaded, asked), n, () => r);
        assert(ms >= asked && ms <= asked + backoffMs(n, () => 1));
      },
    );
    fc.assert(property);
  });

  it("after a broken connection is the backoff alone", () => {
    assert.equal(
      pauseMs(new NetworkError("broken"), 1, () => 0.5),
      100,
    );
  });
});

describe("Retry-After", () => {
  const read = (headers: Record<string, string>) => readRetryAfter(new Headers(headers), nowMs);

  it("is a number of seconds", () => {
    assert.equal(read({ "retry-after": "0" }), 0);
    assert.equal(read({ "retry-after": "120" }), 120_000);
  });

  it("is a date, compared with the clock of the server", () => {
    const retryAfter = "Sat, 01 Jun 2030 19:00:30 GMT";
    assert.equal(read({ "retry-after": retryAfter }), 30_000);
    assert.equal(read({ "retry-after": retryAfter, date: "Sat, 01 Jun 2030 19:00:20 GMT" }), 10_000);
    assert.equal(read({ "retry-after": retryAfter, date: "yesterday" }), 30_000);
  });

  it("is now, for a date that has passed", () => {
    assert.equal(read({ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }), 0);
  });

  it("is ignored when it is anything else", () => {
    for (const value of [
      "",
      "soon",
      "-1",
      "1.5",
      "1e3",
      "0x10",
      "2030-06-01",
      "9".repeat(20),
      "Sat, 99 Jun 2030 19:00:30 GMT",
    ]) {
      assert.equal(read({ "retry-after": value }), null, value);
    }
    assert.equal(read({}), null);
  });
});
