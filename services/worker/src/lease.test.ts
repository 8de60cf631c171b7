import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { DecidedEntry } from "./decided-event.ts";
import { createLease } from "./lease.ts";

const timeSliceMs = 1_000;
const order: DecidedEntry = {
  id: "01990000-0000-7000-8000-000000000001",
  seq: 1,
  ctid: "(0,1)",
  eventId: 7,
  strategy: "optimistic",
  createdAtMs: 0,
  lines: [{ ticketType: "STANDARD", quantity: 1 }],
  allowPartial: false,
  holdSeconds: null,
  waits: false,
  codeId: null,
  customer: null,
  paymentId: null,
  isReady: true,
  decision: { kind: "granted", lines: [{ ticketType: "STANDARD", quantity: 1 }], shortages: [] },
  status: "CONFIRMED",
  ticketCount: 1,
};

function arrange() {
  let enqueueCount = 0;
  const enqueueAgain = async () => {
    enqueueCount++;
  };
  const lease = createLease({ buckets: [7], timeSliceMs, enqueueAgain });
  return { lease, enqueueCount: () => enqueueCount, startedAtMs: performance.now() };
}

describe("a lease", () => {
  it("ends at once when nothing is pending", async () => {
    const { lease, enqueueCount, startedAtMs } = arrange();
    assert.equal(lease.endIfDone(false, startedAtMs), true);
    assert.equal((await lease.result).decided, 0);
    assert.equal(enqueueCount(), 0);
  });

  it("goes on while orders are pending", () => {
    const { lease, startedAtMs } = arrange();
    assert.equal(lease.endIfDone(true, startedAtMs + timeSliceMs / 2), false);
  });

  it("stays for its idle grace after it decided orders, and then ends", async () => {
    const { lease, enqueueCount, startedAtMs } = arrange();
    lease.credit([order], startedAtMs + 50);
    assert.equal(lease.endIfDone(false, startedAtMs + 49), false);
    assert.equal(lease.endIfDone(false, startedAtMs + 50), true);
    const { decided, confirmed, rejected, batches, events } = await lease.result;
    assert.deepEqual({ decided, confirmed, rejected, batches }, { decided: 1, confirmed: 1, rejected: 0, batches: 1 });
    assert.deepEqual(events, [{ eventId: 7, decided: 1 }]);
    assert.equal(enqueueCount(), 0);
  });

  it("enqueues the partition again when its time slice ends while it is still needed", async () => {
    for (const hasMore of [true, false]) {
      const { lease, enqueueCount, startedAtMs } = arrange();
      lease.credit([order], startedAtMs + 2 * timeSliceMs);
      assert.equal(lease.endIfDone(hasMore, startedAtMs + timeSliceMs + 1), true);
      await lease.result;
      assert.equal(enqueueCount(), 1);
    }
  });

  it("fails with the error of its batch", async () => {
    const { lease } = arrange();
    lease.fail(new Error("no disk"));
    await assert.rejects(lease.result, /no disk/);
  });

  it("cannot change after it has ended", async () => {
    const { lease, startedAtMs } = arrange();
    lease.endIfDone(false, startedAtMs);
    assert.throws(() => lease.credit([order], startedAtMs), /ended lease/);
    assert.throws(() => lease.fail(new Error("late")), /ended lease/);
    await lease.result;
  });
});
