import { strict as assert } from "node:assert";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createShutdown } from "./shutdown.ts";

function arrange() {
  const closed: string[] = [];
  const shutdown = createShutdown({ warn: () => undefined });
  const add = (part: string) => shutdown.add(part, () => closed.push(part));
  return { closed, shutdown, add };
}

describe("a shutdown", () => {
  it("closes parts in the reverse order of their start", async () => {
    const { closed, shutdown, add } = arrange();
    for (const part of ["pool", "queue", "server"]) add(part);

    await shutdown.run();

    assert.deepEqual(closed, ["server", "queue", "pool"]);
  });

  it("closes a part only after the parts that were started later are closed", async () => {
    const { closed, shutdown, add } = arrange();
    const { promise: drained, resolve: drain } = Promise.withResolvers<void>();
    add("pool");
    shutdown.add("server", () => drained.then(() => closed.push("server")));

    const running = shutdown.run();
    await nextTurn();
    assert.deepEqual(closed, []);
    drain();
    await running;

    assert.deepEqual(closed, ["server", "pool"]);
  });

  it("continues after a part that throws or rejects, and does not fail itself", async () => {
    const { closed, shutdown, add } = arrange();
    add("pool");
    shutdown.add("queue", () => Promise.reject(new Error("gone")));
    shutdown.add("server", () => {
      throw new Error("never listened");
    });

    await shutdown.run();

    assert.deepEqual(closed, ["pool"]);
  });

  it("stops waiting for a part after 10 s, and no sooner", async (t: TestContext) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { closed, shutdown, add } = arrange();
    add("pool");
    shutdown.add("queue", () => new Promise(() => undefined));

    const running = shutdown.run();
    t.mock.timers.tick(9_999);
    await nextTurn();
    assert.deepEqual(closed, []);
    t.mock.timers.tick(1);
    await nextTurn();
    assert.deepEqual(closed, ["pool"]);
    await running;
  });

  it("closes each part once, however often it is run", async () => {
    const { closed, shutdown, add } = arrange();
    add("pool");

    await shutdown.run();
    await shutdown.run();

    assert.deepEqual(closed, ["pool"]);
  });

  it("ends when there is nothing to close", async () => {
    await arrange().shutdown.run();
  });
});
