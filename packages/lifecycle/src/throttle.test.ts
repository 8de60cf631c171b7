import { strict as assert } from "node:assert";
import { beforeEach, describe, it, mock } from "node:test";
import { createThrottle } from "./throttle.ts";

describe("a throttle", () => {
  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 0, 1) });
  });

  function arrange() {
    const lines: string[] = [];
    return { lines, call: createThrottle((line: string) => lines.push(line)) };
  }

  it("passes the first call on at once", () => {
    const { lines, call } = arrange();
    call("first");
    assert.deepEqual(lines, ["first"]);
  });

  it("drops the calls of the next 5 s, and passes the one after them on", () => {
    const { lines, call } = arrange();
    call("first");
    call("second");
    mock.timers.tick(4_999);
    call("third");
    mock.timers.tick(1);
    call("fourth");
    assert.deepEqual(lines, ["first", "fourth"]);
  });

  it("measures the 5 s from the last call that it passed on", () => {
    const { lines, call } = arrange();
    for (let second = 0; second <= 10; second++) {
      call(`second ${second}`);
      mock.timers.tick(1_000);
    }
    assert.deepEqual(lines, ["second 0", "second 5", "second 10"]);
  });

  it("does not affect another throttle", () => {
    const one = arrange();
    const other = arrange();
    one.call("first");
    other.call("second");
    assert.deepEqual([one.lines, other.lines], [["first"], ["second"]]);
  });

  it("throttles each kind of call for itself", () => {
    const lines: string[] = [];
    const call = createThrottle((line: string) => lines.push(line), { kindOf: (line) => line.slice(0, 1) });
    for (const line of ["a1", "b1", "a2", "b2"]) call(line);
    mock.timers.tick(5_000);
    call("a3");
    assert.deepEqual(lines, ["a1", "b1", "a3"]);
  });
});
