// Plays a scene on an event of its own while something fails, and checks afterwards what the clients were told.
import { untilTrue } from "../../support/until.ts";
import { checkRun } from "../check/check-run.ts";
import { putOffHolds, readFacts, untilSettled } from "../read-facts.ts";
import { type SceneName, scenes } from "./scenes.ts";
import type { SmallInstallation } from "./small-installation.ts";
import { createStage, type Stage } from "./stage.ts";

const settledWithinMs = 60_000;
const times = { startTime: "2035-06-01T19:00:00Z", endTime: "2035-06-01T23:00:00Z" };
let eventCount = 0;

/** A background task may have done the step before the fault was armed, so a scene may have to be played again. */
const playCountMax = 4;
/** Longer after each play: some calls are made every five seconds. */
const biteWithinMs = 2_000;
export const neverHappened = "the fault never happened";

/**
 * Plays a scene until its fault has bitten.
 *
 * @returns what was violated; nothing when all is well
 */
export async function playUntilBitten(
  installation: SmallInstallation,
  name: SceneName,
  { arm, hasBitten }: Readonly<{ arm: Stage["arm"]; hasBitten: () => boolean }>,
): Promise<readonly string[]> {
  for (let playCount = 1; playCount <= playCountMax; playCount++) {
    const violations = await playScene(installation, name, arm);
    if (hasBitten() || violations.length > 0) return violations;
    const bites = untilTrue("the fault has bitten", hasBitten, biteWithinMs * playCount);
    const isBitten = await bites.then(
      () => true,
      () => false,
    );
    // A background task was hit when the orders were checked already: it goes on, as another scene shows.
    if (isBitten) return playScene(installation, name, async () => undefined);
  }
  return [neverHappened];
}

/**
 * @param arm called by the scene when the fault may happen
 * @returns what was violated; nothing when all is well
 */
export async function playScene(
  installation: SmallInstallation,
  name: SceneName,
  arm: Stage["arm"],
): Promise<readonly string[]> {
  const { db, receiver } = installation;
  const { event, play } = scenes[name];
  const eventCode = `STEP-${++eventCount}`;
  await Promise.all(Object.values(installation.victims).map((victim) => victim.untilReady()));
  const stage = createStage(installation, eventCode, arm);
  const receivedBefore = receiver.facts.length;
  const fromMs = Date.now();
  await stage.gateway.createEvent({ code: eventCode, name, ...times, ...event });
  await play(stage);
  if (!(await untilSettled(db, settledWithinMs))) return ["work was left undone"];
  await putOffHolds(db);
  const facts = await readFacts({
    db,
    gateway: stage.gateway,
    eventCodes: [eventCode],
    received: () => receiver.facts.slice(receivedBefore),
    outages: [{ fromMs, toMs: Date.now() }],
    cancelledEvents: name === "event cancellation" ? [eventCode] : [],
    plentyEvents: [],
    showTask: () => undefined,
  });
  return checkRun(stage.history.calls, facts).map(({ what, examples }) => `${what}: ${examples.join("; ")}`);
}
