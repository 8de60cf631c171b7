import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createPostWindow, quickMs } from "./post-window.ts";
import { createPostsInFlight } from "./posts-in-flight.ts";

const slowMs = quickMs + 1;

/** A window of four, a limit of eight, and a clock that stands still. */
function setUp() {
  let timeMs = 0;
  const posts = createPostsInFlight(createPostWindow(8), 8, () => timeMs);
  const pass = (ms: number) => {
    timeMs += ms;
  };
  /** Sends as many as there is room for. */
  const fill = (name: string) => {
    let count = 0;
    for (; posts.hasRoom(); count++) posts.begin(`${name} ${count}`);
    return count;
  };
  return { posts, pass, fill };
}

describe("the posts in flight to an endpoint", () => {
  it("are as many as the window has room for", () => {
    const { posts, fill } = setUp();
    assert.equal(fill("first"), 4);
    posts.end("first 2", 5);
    assert.equal(fill("second"), 1);
    assert.deepEqual(posts.ids(), ["first 0", "first 1", "first 3", "second 0"]);
  });

  it("are one more while all of them are slow, and not a further one while that is not answered", () => {
    const { posts, pass, fill } = setUp();
    fill("first");
    assert.equal(posts.hasSlow(), false);
    pass(slowMs);
    assert.equal(posts.hasSlow(), true);
    assert.equal(fill("probe"), 1);
    pass(slowMs);
    assert.equal(fill("other"), 0);
  });

  it("take no place any more when one that was sent later is delivered quickly, but count for the limit", () => {
    const { posts, pass, fill } = setUp();
    fill("first");
    pass(slowMs);
    fill("probe");
    posts.end("probe 0", 5);
    assert.equal(fill("second"), 4);
    assert.equal(posts.ids().length, 8);
  });

  it("keep their places when the one that was sent later is not delivered quickly; the next one comes a second later", () => {
    for (const deliveredAfterMs of [slowMs, undefined]) {
      const { posts, pass, fill } = setUp();
      fill("first");
      pass(slowMs);
      fill("probe");
      posts.end("probe 0", deliveredAfterMs);
      assert.equal(fill("too soon"), 0);
      pass(slowMs);
      assert.equal(fill("next probe"), 1);
    }
  });
});
