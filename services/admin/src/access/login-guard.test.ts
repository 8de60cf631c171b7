import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createLoginGuard, failureCountMax, failureCountMaxOfAddress } from "./login-guard.ts";

const minuteMs = 60_000;

function failFrom(guard: ReturnType<typeof createLoginGuard>, address: string, count: number, nowMs = 0): void {
  for (let failure = 0; failure < count; failure++) guard.noteFailure(address, nowMs);
}

describe("the login guard", () => {
  it("allows an address a few failures, and then blocks it until they are five minutes old", () => {
    const guard = createLoginGuard();
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress - 1);
    assert.equal(guard.blockedMs("192.0.2.1", 0), 0);
    failFrom(guard, "192.0.2.1", 1, minuteMs);
    assert.equal(guard.blockedMs("192.0.2.1", minuteMs), 4 * minuteMs);
    assert.equal(guard.blockedMs("192.0.2.1", 5 * minuteMs), 0);
  });

  it("does not block other addresses", () => {
    const guard = createLoginGuard();
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress);
    assert.equal(guard.blockedMs("192.0.2.2", 0), 0);
  });

  it("blocks every address after many failures from different ones", () => {
    const guard = createLoginGuard();
    for (let host = 0; host < failureCountMax; host++) guard.noteFailure(`192.0.2.${host}`, host);
    assert(guard.blockedMs("198.51.100.1", minuteMs) > 3 * minuteMs);
    assert.equal(guard.blockedMs("198.51.100.1", 5 * minuteMs), 0);
  });

  it("forgets the failures of an address with its next successful login", () => {
    const guard = createLoginGuard();
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress - 1);
    guard.noteSuccess("192.0.2.1");
    failFrom(guard, "192.0.2.1", failureCountMaxOfAddress - 1);
    assert.equal(guard.blockedMs("192.0.2.1", 0), 0);
  });

  it("counts clients that have left together, because nobody knows their address any more", () => {
    const guard = createLoginGuard();
    for (let n = 0; n < failureCountMaxOfAddress; n++) guard.noteFailure(undefined, 0);
    assert(guard.blockedMs(undefined, 0) > 0);
    assert.equal(guard.blockedMs("203.0.113.7", 0), 0);
  });

  it("counts all addresses of an IPv6 network as one, and those of another network apart", () => {
    const guard = createLoginGuard();
    for (let host = 1; host <= failureCountMaxOfAddress; host++) guard.noteFailure(`2001:db8::${host}`, 0);
    assert(guard.blockedMs("2001:db8:0:0:ffff::1", 0) > 0);
    assert.equal(guard.blockedMs("2001:db8:0:1::1", 0), 0);
  });

  it("counts an IPv4 address and its IPv4-mapped IPv6 form as one", () => {
    const guard = createLoginGuard();
    failFrom(guard, "::ffff:192.0.2.1", failureCountMaxOfAddress);
    assert(guard.blockedMs("192.0.2.1", 0) > 0);
    assert.equal(guard.blockedMs("::ffff:192.0.2.2", 0), 0);
  });

  it("never allows more failures in five minutes than its limits, from one address and in all", () => {
    const tries = fc.array(fc.record({ host: fc.nat(80), pauseMs: fc.nat(5_000) }), { maxLength: 400 });
    fc.assert(
      fc.property(tries, (sequence) => {
        const guard = createLoginGuard();
        const checked: { host: number; atMs: number }[] = [];
        let nowMs = 0;
        for (const { host, pauseMs } of sequence) {
          nowMs += pauseMs;
          if (guard.blockedMs(`192.0.2.${host}`, nowMs) > 0) continue;
          guard.noteFailure(`192.0.2.${host}`, nowMs);
          checked.push({ host, atMs: nowMs });
          const recent = checked.filter(({ atMs }) => atMs > nowMs - 5 * minuteMs);
          assert(recent.length <= failureCountMax);
          assert(recent.filter((one) => one.host === host).length <= failureCountMaxOfAddress);
        }
      }),
    );
  });
});
