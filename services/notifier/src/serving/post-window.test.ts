import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createPostWindow } from "./post-window.ts";

describe("the posts that may be in flight to an endpoint", () => {
  it("begin with four, and double with each round of quick successes up to the limit", () => {
    const window = createPostWindow(64);
    const sizes = [window.size()];
    for (let round = 0; round < 5; round++) {
      for (let answers = window.size(); answers > 0; answers--) window.note(true, 100);
      sizes.push(window.size());
    }
    assert.deepEqual(sizes, [4, 8, 16, 32, 64, 64]);
  });

  it("are halved by each failure and each slow answer, down to one", () => {
    const window = createPostWindow(64);
    for (let n = 0; n < 60; n++) window.note(true, 100);
    const sizes = [];
    for (const isDelivered of [false, true, false, true, false, true, false]) {
      window.note(isDelivered, isDelivered ? 1_001 : 5);
      sizes.push(window.size());
    }
    assert.deepEqual(sizes, [32, 16, 8, 4, 2, 1, 1]);
  });

  it("are never more than the limit", () => {
    const window = createPostWindow(2);
    window.note(true, 1);
    assert.equal(window.size(), 2);
  });
});
