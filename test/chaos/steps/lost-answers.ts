// The trials of lost answers: each call that a process makes, with its answer lost once.
import { neverHappened, playUntilBitten } from "./play-scene.ts";
import type { RecordedCall } from "./record-calls.ts";
import { countEnds } from "./small-installation.ts";
import type { WatchedInstallation } from "./watched-installation.ts";

const shownCharacters = 300;

/** The end of the call tells most: its name begins with all that came before it in its transaction. */
export const describeLoss = ({ kind, call, scenes, isAtStart }: RecordedCall) =>
  `${isAtStart ? `${kind} at its start` : `${kind} in the scene ${scenes.map((name) => `"${name}"`).join(" or ")}`}, ` +
  "the answer to " +
  `${call.length > shownCharacters ? "..." : ""}${call.slice(-shownCharacters)}`;

/**
 * Plays the scenes, and loses the answer to the next such call of the process, in a scene or while it starts.
 *
 * @param onMissed told of a call that was not made again, and need not be
 * @returns what was violated; nothing when all is well
 * @throws Error when the scene did not come to its end
 */
export async function loseDuring(
  installation: WatchedInstallation,
  recorded: RecordedCall,
  onMissed: (recorded: RecordedCall) => void,
): Promise<readonly string[]> {
  const { kind, call, scenes, isAtStart, isCertain } = recorded;
  const wire = installation.wires[kind];
  const lostBefore = wire.lostCount();
  const endsBefore = countEnds(installation);
  let armedCount = 0;
  let violations: readonly string[] = [neverHappened];
  const fault = {
    arm: async () => {
      wire.loseNext(call);
      armedCount++;
      if (isAtStart) await installation.victims[kind].kill();
      // Some calls are made by new connections only.
      else if (armedCount === 2) wire.resetAll();
    },
    hasBitten: () => wire.lostCount() === lostBefore + 1,
  };
  for (const scene of scenes) {
    violations = await playUntilBitten(installation, scene, fault);
    if (violations[0] !== neverHappened) break;
  }
  const [first] = violations;
  if (first === neverHappened) wire.loseNext(undefined);
  if (first === neverHappened && !isCertain) {
    onMissed(recorded);
    return [];
  }
  return countEnds(installation) === endsBefore ? violations : [...violations, "a process ended"];
}
