import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createDisplay } from "./display.ts";
import type { EventLine, Point } from "./messages.ts";

const line = (id: number, pending: number): EventLine => ({
  ...{ id, code: `event-${id}`, name: "A show", accountName: "default", startTime: "2030-06-01T19:00:00.000Z" },
  ...{ inventory: [], pending, soldPerSecond: 0, decidedPerSecond: 0 },
});
const point = (atMs: number): Point => ({
  ...{ atMs, acceptedPerSecond: 1, decidedPerSecond: 1, p50: null, p95: null, p99: null, pending: 0 },
});

describe("the display", () => {
  it("tells a change once, and nothing when nothing changed", () => {
    const display = createDisplay();
    assert.equal(display.takeChange(), undefined);
    display.set("pending", { count: 1, oldestAgeSeconds: 0 });
    assert.deepEqual(display.takeChange(), {
      sections: { pending: { count: 1, oldestAgeSeconds: 0 } },
      events: {},
      points: [],
    });
    display.set("pending", { count: 1, oldestAgeSeconds: 0 });
    assert.equal(display.takeChange(), undefined);
    display.set("pending", { count: 2, oldestAgeSeconds: 0 });
    assert.deepEqual(display.takeChange()?.sections.pending?.count, 2);
  });

  it("tells of the events that changed, of new ones, and of those that went away", () => {
    const display = createDisplay();
    display.setEvents([line(1, 0), line(2, 0)]);
    assert.deepEqual(Object.keys(display.takeChange()?.events ?? {}), ["1", "2"]);
    display.setEvents([line(1, 0), line(2, 7)]);
    assert.deepEqual(display.takeChange()?.events, { 2: line(2, 7) });
    display.setEvents([line(2, 7), line(3, 0)]);
    assert.deepEqual(display.takeChange()?.events, { 1: null, 3: line(3, 0) });
    display.setEvents([line(1, 0), line(2, 7), line(3, 0)]);
    assert.deepEqual(display.takeChange()?.events, { 1: line(1, 0) });
  });

  it("gives somebody new everything, and five minutes of points at most", () => {
    const display = createDisplay();
    display.setEvents([line(1, 3)]);
    display.set("busiest", [1]);
    for (let second = 0; second < 400; second++) display.addPoint(point(second));
    display.takeChange();
    const whole = display.whole();
    assert.deepEqual([whole.events, whole.sections], [{ 1: line(1, 3) }, { busiest: [1] }]);
    assert.deepEqual([whole.points.length, whole.points[0]?.atMs, whole.points.at(-1)?.atMs], [300, 100, 399]);
    assert.equal(display.takeChange(), undefined);
  });
});
