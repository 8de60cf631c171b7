import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type LoopOptions, type Round, startLoop } from "./loop.ts";

const forever = 2 ** 30;

/** A loop whose rounds a test ends by itself. */
function arrange(options: Partial<LoopOptions> = {}) {
  const errors: string[] = [];
  let began = 0;
  let ended = Promise.withResolvers<void>();
  const loop = startLoop({
    run: () => {
      began++;
      ended = Promise.withResolvers<void>();
      return ended.promise;
    },
    pauseMs: 0,
    onError: (error) => errors.push(error.message),
    ...options,
  });
  return {
    loop,
    errors,
    began: () => began,
    end: () => ended.resolve(),
    fail: (error: unknown) => ended.reject(error),
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await nextTurn();
}

describe("a loop", () => {
  it("begins at once, and begins the next round when one has ended", async () => {
    const { loop, began, end } = arrange();
    assert.equal(began(), 1);
    end();
    await until(() => began() === 2);
    end();
    await loop.close();
  });

  it("never runs two rounds at once, however often it is woken", async () => {
    const { loop, began, end } = arrange();
    for (let count = 0; count < 10; count++) loop.wake();
    await nextTurn();
    assert.equal(began(), 1);
    end();
    await loop.close();
  });

  it("begins the next round at once when it is woken in its pause", async () => {
    const { loop, began, end } = arrange({ pauseMs: forever });
    end();
    await nextTurn();
    loop.wake();
    await until(() => began() === 2);
    end();
    await loop.close();
  });

  it("begins the next round at once when it was woken during a round", async () => {
    const { loop, began, end } = arrange({ pauseMs: forever });
    loop.wake();
    end();
    await until(() => began() === 2);
    end();
    await loop.close();
  });

  it("continues after a failed round, and reports only the first failure within five seconds", async () => {
    const { loop, began, errors, fail, end } = arrange();
    fail(new Error("first"));
    await until(() => began() === 2);
    fail("second");
    await until(() => began() === 3);
    end();
    await loop.close();
    assert.deepEqual(errors, ["first"]);
  });

  it("passes the duration and the failures in a row to the pause", async () => {
    const rounds: Round[] = [];
    const pauseMs = (round: Round) => {
      rounds.push(round);
      return 0;
    };
    const { loop, began, fail, end } = arrange({ pauseMs });
    fail(new Error("first"));
    await until(() => began() === 2);
    fail(new Error("second"));
    await until(() => began() === 3);
    end();
    await until(() => began() === 4);
    end();
    await loop.close();
    assert.deepEqual(
      rounds.slice(0, 3).map(({ failureCount }) => failureCount),
      [1, 2, 0],
    );
    assert.ok(rounds.every(({ tookMs }) => tookMs >= 0));
  });

  it("waits for its round when it is closed, begins no other, and does not report the abort", async () => {
    const closing = Promise.withResolvers<AbortSignal>();
    const { promise, reject } = Promise.withResolvers<void>();
    let began = 0;
    const { loop, errors } = arrange({
      run: (signal) => {
        began++;
        closing.resolve(signal);
        return promise;
      },
    });
    let isClosed = false;
    const closed = loop.close().then(() => {
      isClosed = true;
    });
    await nextTurn();
    assert.equal((await closing.promise).aborted, true);
    assert.equal(isClosed, false);
    reject(new Error("aborted"));
    await closed;
    assert.equal(began, 1);
    assert.deepEqual(errors, []);
  });

  it("closes at once during its pause, and may be closed twice", async () => {
    const { loop, end } = arrange({ pauseMs: forever });
    end();
    await nextTurn();
    await loop.close();
    await loop.close();
  });
});
