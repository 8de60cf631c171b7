import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { findFailures, type JobNames, linkOf, presentData, presentName, presentResult } from "./present-job.ts";

const endpointId = "0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10";
const names: JobNames = {
  event: (id) => (id === 7 ? { code: "EVNT-ROCK" } : undefined),
  endpoint: (id) => (id === endpointId ? "https://shop.example.com" : undefined),
};
const allocated = { decided: 15, confirmed: 12, rejected: 3, batches: 2, durationMs: 34 };

describe("a job in Bull Board", () => {
  it("of the worker says how many orders of which events were decided, the outcomes, and the duration", () => {
    const events = [
      { eventId: 7, decided: 10 },
      { eventId: 8, decided: 5 },
    ];
    assert.deepEqual(presentResult({ ...allocated, events }, names), {
      outcome: "12 confirmed, 3 rejected",
      decided: 15,
      confirmed: 12,
      rejected: 3,
      batches: 2,
      duration: "34 ms",
      events: ["EVNT-ROCK: 10", "event 8: 5"],
    });
    assert.equal(presentName({ name: "allocate", data: { partition: 3 } }, names), "allocate partition 3");
  });

  it("that found nothing pending says so", () => {
    const idle = { decided: 0, confirmed: 0, rejected: 0, batches: 0, durationMs: 1, events: [] };
    assert.equal(Reflect.get(Object(presentResult(idle, names)), "outcome"), "nothing was pending");
  });

  it("of the notifier says the endpoint, and how many deliveries arrived and failed", () => {
    assert.deepEqual(presentData({ endpointId }, names), { endpointId, endpoint: "https://shop.example.com" });
    assert.equal(presentName({ name: "deliver", data: { endpointId } }, names), "deliver to https://shop.example.com");
    assert.deepEqual(presentResult({ delivered: 3, failed: 0, durationMs: 250 }, names), {
      outcome: "3 delivered",
      delivered: 3,
      failed: 0,
      duration: "250 ms",
    });
    const idle = presentResult({ delivered: 0, failed: 0, durationMs: 1 }, names);
    assert.equal(Reflect.get(Object(idle), "outcome"), "nothing was due");
    assert.equal(linkOf({ endpointId }).href, `/#/webhooks/${endpointId}`);
    const other = endpointId.replace("0", "1");
    assert.deepEqual(presentData({ endpointId: other }, names), { endpointId: other, endpoint: "not known yet" });
  });

  it("of the notifier whose webhooks failed in part does not look completed", () => {
    const returnvalue = { delivered: 7, failed: 3, durationMs: 250 };
    assert.equal(Reflect.get(Object(presentResult(returnvalue, names)), "outcome"), "3 of 10 failed");
    const job = { name: "deliver", data: { endpointId }, returnvalue };
    assert.equal(presentName(job, names), "3 of 10 failed: deliver to https://shop.example.com");
    const { reason = "", progress } = findFailures(returnvalue) ?? {};
    assert.match(reason, /^3 of 10 failed\. Each is tried again/);
    assert.equal(progress, 70);
    assert.equal(findFailures({ ...returnvalue, failed: 0 }), undefined);
  });

  it("that does not match the known formats is shown unchanged", () => {
    for (const odd of [
      null,
      undefined,
      7,
      "text",
      [],
      {},
      { endpointId: 5 },
      { endpointId: "x" },
      { partition: "x" },
      { decided: 5 },
    ]) {
      assert.deepEqual(presentData(odd, names), odd);
      assert.deepEqual(presentResult(odd, names), odd);
      assert.equal(findFailures(odd), undefined);
      assert.equal(linkOf(odd).href, "/#/webhooks");
      assert.equal(presentName(odd, names), "job");
      assert.equal(presentName({ name: "allocate", data: odd }, names), "allocate");
    }
  });
});
