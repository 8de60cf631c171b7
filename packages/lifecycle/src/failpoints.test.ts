import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { crashAt, type Failpoint, failpoints, watchFailpoints } from "./failpoints.ts";

describe("a failpoint", () => {
  it("does nothing without a watcher, and is told to one", () => {
    const reached: Failpoint[] = [];
    crashAt("purchase.committed");
    watchFailpoints((name) => reached.push(name));
    crashAt("relay.committed");
    assert.deepEqual(reached, ["relay.committed"]);
  });

  it("has a name of its own", () => {
    assert.equal(new Set(failpoints).size, failpoints.length);
  });
});
