import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createRoom } from "./room.ts";

describe("a room", () => {
  it("lets in as many as it holds and no more", () => {
    const room = createRoom(2);
    assert(room.enter());
    assert(room.enter());
    assert.equal(room.enter(), undefined);
    assert.equal(createRoom(0).enter(), undefined);
  });

  it("has one more place for each who has left, however often he leaves", () => {
    const steps = fc.array(fc.oneof(fc.constant("enter" as const), fc.nat(10)), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), steps, (countMax, path) => {
        const room = createRoom(countMax);
        const inside = new Set<() => void>();
        const everybody: (() => void)[] = [];
        for (const step of path) {
          if (step === "enter") {
            const leave = room.enter();
            assert.equal(leave !== undefined, inside.size < countMax);
            if (leave !== undefined) everybody.push(leave);
            if (leave !== undefined) inside.add(leave);
          } else {
            const leave = everybody[step];
            leave?.();
            if (leave !== undefined) inside.delete(leave);
          }
        }
      }),
    );
  });
});
