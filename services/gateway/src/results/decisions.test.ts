import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createDecisions } from "./decisions.ts";

const decided = (eventId: number, seq: number) => ({ eventId, seq, count: 1, soldOut: [] });

describe("the feed of decisions", () => {
  it("calls every subscriber for every announcement, in the order in which they subscribed", () => {
    const decisions = createDecisions();
    const calls: string[] = [];
    decisions.subscribe(({ seq }) => calls.push(`first ${seq}`));
    decisions.subscribe(({ seq }) => calls.push(`second ${seq}`));
    decisions.publish(decided(1, 10));
    decisions.publish(decided(2, 11));
    assert.deepEqual(calls, ["first 10", "second 10", "first 11", "second 11"]);
  });

  it("knows through which order each event is decided, also when announcements overtake each other", () => {
    const decisions = createDecisions();
    assert.equal(decisions.through(1), 0);
    decisions.publish(decided(1, 12));
    decisions.publish(decided(1, 10));
    decisions.publish(decided(2, 11));
    assert.deepEqual([decisions.through(1), decisions.through(2), decisions.through(3)], [12, 11, 0]);
  });

  it("knows a decision before it calls the subscribers", () => {
    const decisions = createDecisions();
    let known = 0;
    decisions.subscribe(({ eventId }) => {
      known = decisions.through(eventId);
    });
    decisions.publish(decided(1, 10));
    assert.equal(known, 10);
  });
});
