import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { alwaysOpen, findTimeFaults, intersect, isWithin, windowBetween } from "./sale-window.ts";

const time = fc.option(fc.integer({ min: -5, max: 5 }).map((ms) => new Date(ms)));
const window = fc.tuple(time, time).map(([start, end]) => windowBetween(start, end));

describe("a sale's window", () => {
  it("has its beginning and not its end, and no limit where there is no time", () => {
    const ten = new Date(10);
    const twenty = new Date(20);
    const openAt = (start: Date | null, end: Date | null) =>
      [9, 10, 19, 20].filter((atMs) => isWithin(windowBetween(start, end), atMs));
    assert.deepEqual(openAt(ten, twenty), [10, 19]);
    assert.deepEqual(openAt(ten, null), [10, 19, 20]);
    assert.deepEqual(openAt(null, twenty), [9, 10, 19]);
    assert.equal(windowBetween(null, null), alwaysOpen);
  });

  it("together with another one is open when both are", () => {
    fc.assert(
      fc.property(window, window, fc.integer({ min: -6, max: 6 }), (a, b, atMs) => {
        assert.equal(isWithin(intersect(a, b), atMs), isWithin(a, atMs) && isWithin(b, atMs));
      }),
    );
  });
});

describe("the times of an event", () => {
  const at = (hour: number) => new Date(Date.UTC(2030, 0, 1, hour));
  const times = { startTime: at(19), endTime: at(23), salesStart: at(9), salesEnd: at(18) };

  it("are in order, also when they are far apart or missing", () => {
    assert.deepEqual(findTimeFaults(times, times), []);
    assert.deepEqual(findTimeFaults({ ...times, salesStart: null, salesEnd: null }, {}), []);
    assert.deepEqual(findTimeFaults({ salesStart: at(30), salesEnd: null }, {}), []);
  });

  it("that are out of order are a fault of the end, or of the beginning when only that was sent", () => {
    const closed = { ...times, salesStart: at(18) };
    assert.deepEqual(findTimeFaults(closed, { salesEnd: "sent" }), [
      { pointer: "/salesEnd", detail: "must be after salesStart" },
    ]);
    assert.deepEqual(findTimeFaults(closed, {}), [{ pointer: "/salesStart", detail: "must be before salesEnd" }]);
    assert.deepEqual(findTimeFaults({ ...times, endTime: at(19) }, { endTime: "sent" }), [
      { pointer: "/endTime", detail: "must be after startTime" },
    ]);
  });
});
