import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createWakeSignal } from "./wake-signal.ts";

const forever = 2 ** 30;

describe("a wake signal", () => {
  it("ends the current sleep", async () => {
    const { wake, sleep } = createWakeSignal();
    const sleeping = sleep(forever);
    wake();
    await sleeping;
  });

  it("ends the next sleep at once when there is no current one", async () => {
    const { wake, sleep } = createWakeSignal();
    wake();
    await sleep(forever);
  });

  it("ends one sleep and not the one after it", async () => {
    const { wake, sleep } = createWakeSignal();
    wake();
    wake();
    await sleep(forever);
    let hasEnded = false;
    const next = sleep(5).then(() => {
      hasEnded = true;
    });
    await Promise.resolve();
    assert.equal(hasEnded, false);
    await next;
  });

  it("sleeps for the whole time when it is not woken", async () => {
    const startedAtMs = performance.now();
    await createWakeSignal().sleep(20);
    assert.ok(performance.now() - startedAtMs > 15);
  });
});
