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
    return { lines, warnSeldom: createThrottle((line: string) => lines.push(line)) };
  }

  it("lets the first call through at once", () => {
    const { lines, warnSeldom } = arrange();
    warnSeldom("first");
    assert.deepEqual(lines, ["first"]);
  });

  it("swallows what follows within 5 s, and lets the next one through", () => {
    const { lines, warnSeldom } = arrange();
    warnSeldom("first");
    warnSeldom("second");
    mock.timers.tick(4_999);
    warnSeldom("third");
    mock.timers.tick(1);
    warnSeldom("fourth");
    assert.deepEqual(lines, ["first", "fourth"]);
  });

  it("is not kept quiet by calls that it swallowed", () => {
    const { lines, warnSeldom } = arrange();
    for (let second = 0; second <= 10; second++) {
      warnSeldom(`second ${second}`);
      mock.timers.tick(1_000);
    }
    assert.deepEqual(lines, ["second 0", "second 5", "second 10"]);
  });

  it("does not keep another one quiet", () => {
    const one = arrange();
    const other = arrange();
    one.warnSeldom("first");
    other.warnSeldom("second");
    assert.deepEqual([one.lines, other.lines], [["first"], ["second"]]);
  });
});
