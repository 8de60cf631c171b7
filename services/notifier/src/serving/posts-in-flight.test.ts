import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createPostWindow } from "./post-window.ts";
import { createPostsInFlight, slowMs } from "./posts-in-flight.ts";

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
    pass(slowMs + 1);
    assert.equal(posts.hasSlow(), true);
    assert.equal(fill("probe"), 1);
    pass(slowMs + 1);
    assert.equal(fill("other"), 0);
  });

  it("take no place any more when one that was sent later is answered quickly, but count for the limit", () => {
    const { posts, pass, fill } = setUp();
    fill("first");
    pass(slowMs + 1);
    fill("probe");
    posts.end("probe 0", 5);
    assert.equal(fill("second"), 4);
    assert.equal(posts.ids().length, 8);
  });

  it("keep their places when the one that was sent later fails without an answer, or is answered slowly", () => {
    for (const answeredAfterMs of [slowMs, undefined]) {
      const { posts, pass, fill } = setUp();
      fill("first");
      pass(slowMs + 1);
      fill("probe");
      posts.end("probe 0", answeredAfterMs);
      assert.equal(fill("next probe"), 1);
    }
  });
});
