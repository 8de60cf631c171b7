import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { allocateLanes, deliverLanes } from "./lanes.ts";

const partitionCounts = fc.integer({ min: 1, max: 64 });
const partitions = fc.integer({ min: 0, max: 63 });

describe("lanes", () => {
  it("of partitions are each in a queue of their own", () => {
    fc.assert(
      fc.property(partitionCounts, (count) => {
        const { queues, queueIndexOf } = allocateLanes(count);
        const used = queues.map((_, partition) => queues[queueIndexOf({ partition })]?.name);
        assert.deepEqual(
          used,
          queues.map((queue) => queue.name),
        );
        assert.equal(queues.length, count);
      }),
    );
  });

  it("of endpoints are all in one queue", () => {
    fc.assert(fc.property(fc.uuid(), (endpointId) => deliverLanes.queueIndexOf({ endpointId }) === 0));
    assert.equal(deliverLanes.queues.length, 1);
  });

  it("have ids of their own that BullMQ accepts as job ids: no integer, no colon", () => {
    fc.assert(
      fc.property(partitions, partitions, fc.uuid(), fc.uuid(), (partition, other, endpoint, otherEndpoint) => {
        const { laneIdOf } = allocateLanes(4);
        const ids = [laneIdOf({ partition }), deliverLanes.laneIdOf({ endpointId: endpoint })];
        for (const id of ids) assert.match(id, /^[a-z]+-[^:]+$/);
        assert.equal(laneIdOf({ partition: other }) === ids[0], other === partition);
        assert.equal(deliverLanes.laneIdOf({ endpointId: otherEndpoint }) === ids[1], otherEndpoint === endpoint);
      }),
    );
  });

  it("share no queue and no Redis keys over all kinds and partitions; a queue's keys have one hash tag", () => {
    const queues = [...allocateLanes(64).queues, ...deliverLanes.queues];
    assert.equal(new Set(queues.map((queue) => queue.name)).size, 65);
    assert.equal(new Set(queues.map((queue) => queue.keyPrefix)).size, 65);
    for (const { keyPrefix } of queues) assert.match(keyPrefix, /^\{[^{}]+\}$/);
  });
});
