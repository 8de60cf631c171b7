// Which scenes pass which failpoint: a process dies at each step in each of them.
import { strict as assert } from "node:assert";
import type { Failpoint } from "@onsale/lifecycle/failpoints";
import type { VictimKind } from "../stack/victim.ts";
import { crashLine, crashText } from "./crash-request.ts";
import { playUntilBitten } from "./play-scene.ts";
import type { SceneName } from "./scenes.ts";
import { countEnds, type SmallInstallation } from "./small-installation.ts";

/** A process dies when it reaches the step in the scene for the `time`-th time. */
export type CrashTrial = Readonly<{ crashAt: Failpoint; scene: SceneName; time: number }>;

type PartOf<Name> = Name extends `${infer Part}.${string}` ? Part : never;

const kindOf: Readonly<Record<PartOf<Failpoint>, VictimKind>> = {
  purchase: "gateway",
  transition: "gateway",
  decision: "worker",
  return: "worker",
  offer: "worker",
  reconciling: "worker",
  cancellation: "worker",
  "ended-sale": "worker",
  relay: "notifier",
  delivery: "notifier",
};

const transitions: readonly SceneName[] = [
  "confirm",
  "extend",
  "cancel a hold",
  "cancel a part",
  "late payment",
  "refund",
  "a second payment",
];
/** The orders are counted, cancelled in batches, and then the cancellation is finished. */
const rounds = (scene: SceneName) => [1, 2, 3].map((time) => ({ scene, time }));

/** Scenes in which the step is reached at least once after `arm`, each of them in another way. */
const scenesOf: Readonly<Record<Failpoint, readonly (SceneName | Readonly<{ scene: SceneName; time: number }>)[]>> = {
  "purchase.before-insert": ["purchase"],
  "purchase.committed": ["purchase", "waiting list"],
  "purchase.before-enqueue": ["purchase"],
  "purchase.enqueued": ["purchase"],
  "purchase.before-answer": ["purchase"],
  "purchase.replayed": ["purchase"],
  "purchase.event-ruled": ["waiting list"],
  "transition.before-change": ["confirm"],
  "transition.before-commit": transitions,
  "transition.committed": transitions,
  "transition.before-answer": ["confirm", "late payment"],
  "transition.announced": ["confirm", "cancel a hold"],
  "transition.late-payment-recorded": ["late payment"],
  "decision.job-taken": ["purchase"],
  "decision.read": ["purchase"],
  "decision.before-write": ["purchase", "late payment"],
  "decision.before-commit": ["rules", "late payment", "refund"],
  "decision.committed": ["purchase", "waiting list", "late payment"],
  "decision.before-completion": ["purchase"],
  "return.found": ["expiry"],
  "return.before-commit": ["expiry", "cancel a hold", "cancel a part"],
  "return.committed": ["expiry", "cancel a hold"],
  "offer.before-commit": ["waiting list"],
  "offer.committed": ["waiting list"],
  "reconciling.before-enqueue": ["an order without a job"],
  "reconciling.enqueued": ["an order without a job"],
  "cancellation.before-commit": rounds("event cancellation"),
  "cancellation.committed": rounds("event cancellation"),
  "ended-sale.before-commit": ["the sale ends"],
  "ended-sale.committed": ["the sale ends"],
  "relay.before-commit": ["purchase"],
  "relay.committed": ["purchase"],
  "relay.enqueued": ["purchase"],
  "delivery.before-post": ["purchase", "a receiver that fails"],
  "delivery.posted": ["purchase", "a receiver that fails"],
  "delivery.recorded": ["purchase", "a receiver that fails"],
  "delivery.before-completion": ["purchase"],
};

/** Every failpoint in every scene that is listed for it. */
export function allCrashTrials(names: readonly Failpoint[]): readonly CrashTrial[] {
  return names.flatMap((crashAt) =>
    scenesOf[crashAt].map((own) => ({ crashAt, time: 1, ...(typeof own === "string" ? { scene: own } : own) })),
  );
}

/** Such as `purchase.committed:1 in the scene "purchase"`. */
export const describeCrash = (trial: CrashTrial) => `${crashText(trial)} in the scene "${trial.scene}"`;

/**
 * Plays the scene, and lets the process die at the step.
 *
 * @returns what was violated; nothing when all is well
 * @throws Error when the scene did not come to its end
 */
export function crashDuring(installation: SmallInstallation, trial: CrashTrial): Promise<readonly string[]> {
  const { crashAt, scene } = trial;
  const kind = processOf(crashAt);
  const endsBefore = countEnds(installation);
  const logBefore = installation.logOf(kind).length;
  return playUntilBitten(installation, scene, {
    arm: async () => {
      await installation.victims[kind].tell(crashText(trial));
    },
    hasBitten: () =>
      countEnds(installation) === endsBefore + 1 &&
      installation.logOf(kind).slice(logBefore).includes(crashLine(crashAt)),
  });
}

/** The process that does a step. */
export function processOf(name: Failpoint): VictimKind {
  const found = Object.entries(kindOf).find(([part]) => name.startsWith(`${part}.`));
  assert(found);
  return found[1];
}
