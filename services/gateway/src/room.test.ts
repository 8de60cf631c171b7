import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createRoom } from "./room.ts";

describe("a room", () => {
  it("lets in as many as it holds and no more", () => {
    const room = createRoom(2, 2);
    assert(room.enter(1));
    assert(room.enter(1));
    assert.equal(room.enter(1), undefined);
    assert.equal(createRoom(0, 0).enter(1), undefined);
  });

  it("has places for others when an account has taken its share", () => {
    const room = createRoom(4, 2);
    const leave = room.enter(1);
    assert(room.enter(1));
    assert.equal(room.enter(1), undefined);
    assert(room.enter(2));
    leave?.();
    assert(room.enter(1));
    assert(room.enter(2));
    assert.equal(room.enter(3), undefined);
  });

  it("has one more place for each who has left, however often he leaves", () => {
    const enter = fc.record({ accountId: fc.integer({ min: 1, max: 3 }) });
    const steps = fc.array(fc.oneof(enter, fc.nat(10)), { maxLength: 200 });
    const sizes = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(sizes, sizes, steps, (countMax, shareMax, path) => {
        const room = createRoom(countMax, shareMax);
        const inside = new Map<() => void, number>();
        const everybody: (() => void)[] = [];
        for (const step of path) {
          if (typeof step === "number") {
            const leave = everybody[step];
            leave?.();
            if (leave !== undefined) inside.delete(leave);
            continue;
          }
          const { accountId } = step;
          const share = [...inside.values()].filter((id) => id === accountId).length;
          const leave = room.enter(accountId);
          assert.equal(leave !== undefined, inside.size < countMax && share < shareMax);
          if (leave !== undefined) everybody.push(leave);
          if (leave !== undefined) inside.set(leave, accountId);
        }
      }),
    );
  });
});
