import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nextAttemptDelayMs, parseRetryAfter } from "./retry-schedule.ts";

const dayMs = 86_400_000;
const schedules = fc.array(fc.nat(86_400), { minLength: 1, maxLength: 12 });
const randoms = fc.double({ min: 0, max: 1, noNaN: true });
const retryAfters = fc.option(fc.double({ min: 0, noNaN: true }));

describe("the next attempt", () => {
  it("comes after the schedule's pause, up to a fifth more or less", () => {
    fc.assert(
      fc.property(schedules, fc.nat(11), randoms, (schedule, attempted, random) => {
        const seconds = schedule[attempted];
        const delayMs = nextAttemptDelayMs(schedule, attempted, null, random);
        if (seconds === undefined) return delayMs === null;
        return delayMs !== null && delayMs >= seconds * 800 && delayMs <= seconds * 1_200;
      }),
    );
    assert.deepEqual(
      [0, 0.5, 1].map((random) => nextAttemptDelayMs([0, 300], 1, null, random)),
      [240_000, 300_000, 360_000],
    );
  });

  it("does not come when the schedule is exhausted, whatever the receiver asks for", () => {
    fc.assert(
      fc.property(schedules, fc.nat(9), retryAfters, randoms, (schedule, further, asked, random) => {
        return nextAttemptDelayMs(schedule, schedule.length + further, asked, random) === null;
      }),
    );
  });

  it("comes later when the receiver sends Retry-After, by a day at most, and never sooner", () => {
    fc.assert(
      fc.property(schedules, retryAfters, randoms, (schedule, asked, random) => {
        const usual = nextAttemptDelayMs(schedule, 0, null, random) ?? Number.NaN;
        const delayMs = nextAttemptDelayMs(schedule, 0, asked, random) ?? Number.NaN;
        assert(delayMs >= usual);
        assert(delayMs <= Math.max(usual, dayMs));
        assert(delayMs >= Math.min(dayMs, Math.round((asked ?? 0) * 1_000)));
      }),
    );
    assert.equal(nextAttemptDelayMs([0, 5], 1, 60, 0), 60_000);
    assert.equal(nextAttemptDelayMs([0, 300], 1, 60, 0), 240_000);
    assert.equal(nextAttemptDelayMs([0, 5], 1, 9_999_999_999, 0), dayMs);
  });
});

describe("Retry-After", () => {
  const nowMs = Date.parse("2030-01-01T00:00:00Z");

  it("is a number of seconds", () => {
    const cases = [
      ["0", 0],
      ["5", 5],
      [" 120 ", 120],
      ["007", 7],
      ["9999999999", 9_999_999_999],
    ] as const;
    for (const [header, seconds] of cases) assert.equal(parseRetryAfter(header, nowMs), seconds, header);
  });

  it("is a date, and one in the past asks for no pause", () => {
    assert.equal(parseRetryAfter("Tue, 01 Jan 2030 00:02:00 GMT", nowMs), 120);
    assert.equal(parseRetryAfter("Tuesday, 01-Jan-30 00:02:00 GMT", nowMs), 120);
    assert.equal(parseRetryAfter("Tue, 01 Jan 2030 00:00:01 GMT", nowMs - 500), 2);
    assert.equal(parseRetryAfter("Mon, 31 Dec 2029 23:59:59 GMT", nowMs), 0);
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
        const seconds = Math.max(0, Math.floor(date.getTime() / 1_000) - nowMs / 1_000);
        assert.equal(parseRetryAfter(date.toUTCString(), nowMs), seconds);
      }),
    );
  });

  it("is ignored when it is missing or malformed", () => {
    const garbage = [
      "",
      " ",
      "-5",
      "+5",
      "1.5",
      "1e9",
      "0x10",
      "5 s",
      "5, 5",
      "soon",
      "NaN",
      "Infinity",
      "٣",
      "99999999999",
      "retry 9999",
      "2031-01-01",
      "2031-01-01T00:00:00Z",
      "Tue, 01 Jan 2030",
      "Tue, 99 Foo 2030 00:00:00 GMT",
    ];
    for (const header of [undefined, ...garbage]) assert.equal(parseRetryAfter(header, nowMs), null, header);
  });

  it("is at least 0 or ignored for any text", () => {
    const dateLike = fc.tuple(fc.string(), fc.integer()).map(([text, year]) => `Tue, ${text} ${year} GMT`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), dateLike), (header) => {
        const seconds = parseRetryAfter(header, nowMs);
        return seconds === null || (seconds >= 0 && Number.isFinite(seconds));
      }),
    );
  });
});
