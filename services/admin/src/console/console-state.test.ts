import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createConsoleState } from "./console-state.ts";
import type { EventLine, Point } from "./messages/messages.ts";

const line = (id: number, pending: number): EventLine => ({
  id,
  code: `event-${id}`,
  name: "A show",
  accountName: "default",
  startTime: "2030-06-01T19:00:00.000Z",
  saleState: "open",
  opensAt: null,
  closesAt: null,
  inventory: [],
  pools: [],
  pending,
  soldPerSecond: 0,
  decidedPerSecond: 0,
  steadyPerSecond: null,
});
const point = (atMs: number): Point => ({
  atMs,
  acceptedPerSecond: 1,
  decidedPerSecond: 1,
  p50: null,
  p95: null,
  p99: null,
  pending: 0,
});

describe("the console's state", () => {
  it("returns a change once, and nothing when a section is set to the same value", () => {
    const state = createConsoleState();
    assert.equal(state.takeChange(), undefined);
    state.set("pending", { count: 1, oldestAgeSeconds: 0 });
    assert.deepEqual(state.takeChange(), {
      sections: { pending: { count: 1, oldestAgeSeconds: 0 } },
      events: {},
      points: [],
    });
    state.set("pending", { count: 1, oldestAgeSeconds: 0 });
    assert.equal(state.takeChange(), undefined);
    state.set("pending", { count: 2, oldestAgeSeconds: 0 });
    assert.deepEqual(state.takeChange()?.sections.pending?.count, 2);
  });

  it("returns the events that changed, new ones, and null for removed ones", () => {
    const state = createConsoleState();
    state.setEvents([line(1, 0), line(2, 0)]);
    assert.deepEqual(Object.keys(state.takeChange()?.events ?? {}), ["1", "2"]);
    state.setEvents([line(1, 0), line(2, 7)]);
    assert.deepEqual(state.takeChange()?.events, { 2: line(2, 7) });
    state.setEvents([line(2, 7), line(3, 0)]);
    assert.deepEqual(state.takeChange()?.events, { 1: null, 3: line(3, 0) });
    state.setEvents([line(1, 0), line(2, 7), line(3, 0)]);
    assert.deepEqual(state.takeChange()?.events, { 1: line(1, 0) });
  });

  it("has a snapshot of everything, with the points of the last five minutes", () => {
    const state = createConsoleState();
    state.setEvents([line(1, 3)]);
    state.set("busiest", [1]);
    for (let second = 0; second < 400; second++) state.addPoint(point(second));
    state.takeChange();
    const { events, sections, points } = state.snapshot();
    assert.deepEqual([events, sections], [{ 1: line(1, 3) }, { busiest: [1] }]);
    assert.deepEqual([points.length, points[0]?.atMs, points.at(-1)?.atMs], [300, 100, 399]);
    assert.equal(state.takeChange(), undefined);
  });
});
