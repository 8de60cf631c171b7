import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { allocateLanes, deliverLanes } from "./lanes.ts";

const eventIds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const partitionCounts = fc.integer({ min: 1, max: 64 });

describe("lanes", () => {
  it("of events are each in one queue that exists, the same for every job of the event", () => {
    fc.assert(
      fc.property(eventIds, partitionCounts, (eventId, count) => {
        const lanes = allocateLanes(count);
        assert.equal(lanes.queues.length, count);
        const index = lanes.queueIndexOf({ eventId });
        assert(lanes.queues[index] !== undefined);
        assert.equal(lanes.queueIndexOf({ eventId }), index);
      }),
    );
  });

  it("of endpoints are all in one queue", () => {
    fc.assert(fc.property(fc.uuid(), (endpointId) => deliverLanes.queueIndexOf({ endpointId }) === 0));
    assert.equal(deliverLanes.queues.length, 1);
  });

  it("have an id each, which BullMQ takes for a job's: no integer, no colon", () => {
    fc.assert(
      fc.property(eventIds, eventIds, fc.uuid(), fc.uuid(), (event, otherEvent, endpoint, otherEndpoint) => {
        const { laneIdOf } = allocateLanes(4);
        const ids = [laneIdOf({ eventId: event }), deliverLanes.laneIdOf({ endpointId: endpoint })];
        for (const id of ids) assert.match(id, /^[a-z]+-[^:]+$/);
        assert.equal(laneIdOf({ eventId: otherEvent }) === ids[0], otherEvent === event);
        assert.equal(deliverLanes.laneIdOf({ endpointId: otherEndpoint }) === ids[1], otherEndpoint === endpoint);
      }),
    );
  });

  it("of different kinds share no queue and no Redis keys, and each queue's keys have one hash tag", () => {
    const queues = [...allocateLanes(64).queues, ...deliverLanes.queues];
    assert.equal(new Set(queues.map((queue) => queue.name)).size, 65);
    assert.equal(new Set(queues.map((queue) => queue.keyPrefix)).size, 65);
    for (const { keyPrefix } of queues) assert.match(keyPrefix, /^\{[^{}]+\}$/);
  });
});
