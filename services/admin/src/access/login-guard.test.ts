import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createLoginGuard, failureCountMax, failureCountMaxOfAddress } from "./login-guard.ts";

const minuteMs = 60_000;

function failFrom(guard: ReturnType<typeof createLoginGuard>, address: string, count: number, nowMs = 0): void {
  for (let failure = 0; failure < count; failure++) guard.noteFailure(address, nowMs);
}

describe("the guard of the login", () => {
  it("lets an address try again that has failed a few times, and then makes it wait five minutes", () => {
    const guard = createLoginGuard();
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress - 1);
    assert.equal(guard.waitMs("192.0.2.1", 0), 0);
    failFrom(guard, "192.0.2.1", 1, minuteMs);
    assert.equal(guard.waitMs("192.0.2.1", minuteMs), 4 * minuteMs);
    assert.equal(guard.waitMs("192.0.2.1", 5 * minuteMs), 0);
  });

  it("does not make other addresses wait for it", () => {
    const guard = createLoginGuard();
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress);
    assert.equal(guard.waitMs("192.0.2.2", 0), 0);
  });

  it("makes everybody wait when guesses come from everywhere", () => {
    const guard = createLoginGuard();
    for (let host = 0; host < failureCountMax; host++) guard.noteFailure(`192.0.2.${host}`, host);
    assert(guard.waitMs("198.51.100.1", minuteMs) > 3 * minuteMs);
    assert.equal(guard.waitMs("198.51.100.1", 5 * minuteMs), 0);
  });

  it("forgets the failures of an address that then knows the password", () => {
    const guard = createLoginGuard();
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress - 1);
    guard.noteSuccess("192.0.2.1");
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress - 1);
    assert.equal(guard.waitMs("192.0.2.1", 0), 0);
  });

  it("takes all addresses of an IPv6 network for one, and those of another for another", () => {
    const guard = createLoginGuard();
    for (let host = 1; host <= failureCountMaxOfAddress; host++) guard.noteFailure(`2001:db8::${host}`, 0);
    assert(guard.waitMs("2001:db8:0:0:ffff::1", 0) > 0);
    assert.equal(guard.waitMs("2001:db8:0:1::1", 0), 0);
  });

  it("knows an IPv4 address however it is written", () => {
    const guard = createLoginGuard();
    failFrom(guard, "::ffff:192.0.2.1", failureCountMaxOfAddress);
    assert(guard.waitMs("192.0.2.1", 0) > 0);
    assert.equal(guard.waitMs("::ffff:192.0.2.2", 0), 0);
  });

  it("never lets more guesses through in five minutes than it says, wherever they come from", () => {
    const tries = fc.array(fc.record({ host: fc.nat(80), pauseMs: fc.nat(5_000) }), { maxLength: 400 });
    fc.assert(
      fc.property(tries, (sequence) => {
        const guard = createLoginGuard();
        const looked: { host: number; atMs: number }[] = [];
        let nowMs = 0;
        for (const { host, pauseMs } of sequence) {
          nowMs += pauseMs;
          if (guard.waitMs(`192.0.2.${host}`, nowMs) > 0) continue;
          guard.noteFailure(`192.0.2.${host}`, nowMs);
          looked.push({ host, atMs: nowMs });
          const recent = looked.filter(({ atMs }) => atMs > nowMs - 5 * minuteMs);
          assert(recent.length <= failureCountMax);
          assert(recent.filter((one) => one.host === host).length <= failureCountMaxOfAddress);
        }
      }),
    );
  });
});
