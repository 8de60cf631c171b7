import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { prepareQueues, type QueueSource } from "@onsale/queue/backend";
import { type Boards, openBoards } from "@onsale/queue/boards";
import { openConsumer } from "@onsale/queue/consumer";
import { type AllocateJob, allocateLanes } from "@onsale/queue/lanes";
import { openProducer, type Producer } from "@onsale/queue/producer";
import type { AnyQueue } from "@onsale/queue/restrictions";
import { atEnd } from "../../support/cleanup.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { describeOnBackends } from "../../support/services/backends.ts";
import { openQueue, queueSourceOf, restrict } from "../../support/services/queue-source.ts";
import { until, untilTrue } from "../../support/until.ts";

const lanes = allocateLanes(2);
const ignore = () => undefined;
const texts = {
  paused: "paused",
  "rate-limit": "at most 1 job per 10 s",
  concurrency: "at most 1 job at a time",
  "foreign-jobs": "1 job that Onsale did not add",
} as const;

describeOnBackends("a queue", (backend) => {
  let source: QueueSource;
  let producer: Producer<AllocateJob>;
  let boards: Boards;
  /** As another tool has it. */
  let queue: AnyQueue;

  before(async () => {
    source = queueSourceOf({ ...(await backend.start()), DATABASE_URL: await createTestDatabase() });
    await prepareQueues(source);
    producer = openProducer(source, lanes, ignore);
    atEnd(producer.close);
    queue = await openQueue(source, "allocate-0");
    boards = openBoards(source, lanes.queues, ignore);
    atEnd(boards.close);
    await until("all are connected", async () => [await producer.countJobs(), await boards.readStates()]);
  });

  for (const kind of ["paused", "rate-limit", "concurrency", "foreign-jobs"] as const) {
    it(`that is restricted says so until it is released: ${kind}`, async () => {
      assert.deepEqual(await producer.readRestrictions(), { "allocate-0": [], "allocate-1": [] });
      await restrict[kind](queue);
      const expected = [{ kind, text: texts[kind] }];
      assert.deepEqual(await producer.readRestrictions(), { "allocate-0": expected, "allocate-1": [] });
      const [state] = await boards.readStates();
      assert.deepEqual(state?.restrictions, expected);
      assert.equal(await boards.act("allocate-0", "release"), true);
      assert.deepEqual(await producer.restrictionsOf({ partition: 0 }), []);
    });
  }

  it("is restricted by a limit that passes by itself, by job schedulers, and by several things at once", async () => {
    await queue.rateLimit(9_500);
    await queue.pause();
    await queue.upsertJobScheduler("mail", { pattern: "0 0 1 1 *" });
    const kinds = (await producer.restrictionsOf({ partition: 0 })).map(({ kind, text }) => `${kind}: ${text}`);
    assert.match(kinds.join("; "), /^paused: paused; rate-limit: no job for \d+ s; foreign-jobs: \d jobs? that/);
    await boards.act("allocate-0", "release");
    assert.deepEqual(await producer.restrictionsOf({ partition: 0 }), []);
    assert.equal(await boards.act("allocate-7", "release"), false);
  });

  it("that a delayed job with a lane's deduplication id blocks serves the lane again once it is released", async () => {
    await queue.add("mail", {}, { delay: 3_600_000, deduplication: { id: lanes.laneIdOf({ partition: 0 }) } });
    assert.equal(await producer.enqueue({ partition: 0 }), false);
    await boards.act("allocate-0", "release");
    assert.equal(await producer.enqueue({ partition: 0 }), true);
    // What Onsale added stays when a queue is released.
    await boards.act("allocate-0", "release");
    assert.equal((await producer.countJobs())["allocate-0"]?.waiting, 1);
  });

  it("fails jobs that are not Onsale's, at once and without a retry, and runs those that are", async () => {
    const foreign = [
      ["mail", {}],
      ["mail", { partition: 0 }],
      ["allocate", { partition: "0" }],
      ["allocate", { partition: 0.5 }],
      ["allocate", { partition: 1 }],
      ["allocate", { partition: 2 }],
      ["allocate", null],
    ] as const;
    for (const [name, data] of foreign) await queue.add(name, data, { attempts: 5, backoff: 10 });
    await producer.enqueue({ partition: 0 });
    const handled: AllocateJob[] = [];
    const handle = async (job: AllocateJob) => void handled.push(job);
    const consumer = openConsumer(source, { lanes, concurrency: 1, handle, onError: ignore });
    atEnd(consumer.close);
    await untilTrue("all have ended", async () => (await queue.getJobCountByTypes("failed")) === foreign.length);
    await untilTrue("ours has run", () => handled.length > 0);
    assert(handled.every(({ partition }) => partition === 0));
    for (const { attemptsMade, failedReason } of await queue.getJobs(["failed"])) {
      assert.equal(attemptsMade, 1);
      assert.match(failedReason, /^this is no job of Onsale, so it was not run/);
    }
    await boards.act("allocate-0", "remove-failed");
    assert.equal(await queue.getJobCountByTypes("failed"), 0);
  });
});
