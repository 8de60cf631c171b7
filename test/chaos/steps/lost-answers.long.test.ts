// The answer to a call gets lost, and the connection with it: once for every distinct call to PostgreSQL and Redis that
// a process makes while orders live. Nothing is lost, done twice or left undone. Of the calls that a process makes only
// when it starts, it tries some, or all of them with TEST_ALL=1.
import { strict as assert } from "node:assert";
import { createRandom } from "../../support/random.ts";
import { describeOnBoth } from "../../support/services/backends.ts";
import { describeLoss, loseDuring } from "./lost-answers.ts";
import { type RecordedCall, recordCalls } from "./record-calls.ts";
import { runOnLanes } from "./run-on-lanes.ts";
import { startWatchedInstallation } from "./watched-installation.ts";

const lanesPerBackend = 2;
const triedAtStart = 6;

describeOnBoth(
  "the answer to a call to PostgreSQL or Redis",
  (backend) => Promise.all(Array.from({ length: lanesPerBackend }, () => startWatchedInstallation(backend))),
  (it) => {
    const { random, seed } = createRandom();
    it(`may get lost once, whatever call it is, seed ${seed}`, async (lanes, t) => {
      const calls = await recordCalls(lanes);
      const atStart = calls.filter(({ isAtStart }) => isAtStart);
      const chosen = process.env.TEST_ALL === "1" ? atStart : sample(atStart, triedAtStart, random);
      const trials = [...calls.filter(({ isAtStart }) => !isAtStart), ...chosen];
      const missed: RecordedCall[] = [];
      const lose = (lane: (typeof lanes)[number], trial: RecordedCall) =>
        loseDuring(lane, trial, (recorded) => missed.push(recorded));
      assert.deepEqual(await runOnLanes(lanes, trials, describeLoss, lose), []);
      t.diagnostic(`${trials.length} of ${calls.length} calls, ${chosen.length} of them at a start`);
      for (const recorded of missed) t.diagnostic(`it was not made again: ${describeLoss(recorded)}`);
      assert(missed.length < trials.length / 20, "too many calls were not tried");
    });
  },
);

function sample<T>(items: readonly T[], count: number, random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ item }) => item);
}
