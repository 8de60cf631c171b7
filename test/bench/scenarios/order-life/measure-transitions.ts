// The part that scenarios with transitions share: orders of an event change, first alone, then beside purchases.
import type { PurchasePlan, TransitionPlan } from "../../load/plan.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import type { BenchEvent, Installation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import { checkStatusCount, readConflicts, transitionFigures } from "../../measure/transition-figures.ts";
import type { Figures } from "../../names.ts";
import { usualConnections } from "../scenario.ts";

/** This share of the orders changes alone, which shows the cost of a transition. */
const aloneShare = 0.25;
const statusAfter = { confirm: "CONFIRMED", cancel: "CANCELLED" } as const;

/** @returns the figures of purchases and transitions in turn, and the costs of the transitions alone */
export async function measureTransitions(
  installation: Installation,
  events: readonly BenchEvent[],
  seconds: number,
  purchase: PurchasePlan,
  { action, orderIds, kind }: TransitionPlan,
): Promise<Figures> {
  const load = { connections: usualConnections, seconds };
  const aloneCount = Math.floor(orderIds.length * aloneShare);
  const first: TransitionPlan = { kind, action, orderIds: orderIds.slice(0, aloneCount) };
  const rest: TransitionPlan = { kind, action, orderIds: orderIds.slice(aloneCount) };
  const alone = await measureLoad(installation, events, { ...load, request: first });
  const conflictsBefore = await readConflicts(installation.pool);

  const request = { kind: "alternate", purchase, transition: rest } as const;
  const beside = await measureLoad(installation, events, { ...load, request });
  const conflicts = (await readConflicts(installation.pool)) - conflictsBefore;

  await checkNothingLost(installation, events, beside);
  const changedCount = alone.accepted + beside.report.requests - beside.accepted;
  await checkStatusCount(installation, events, statusAfter[action], changedCount);
  await checkSoundness(installation, events);
  return { ...beside.figures, conflicts, ...transitionFigures(action, alone.figures) };
}
