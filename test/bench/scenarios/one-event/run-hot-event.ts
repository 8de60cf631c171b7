// Runs one hot event with stock for all, with a variable number of connections, generators and old orders.
import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, measureLoad } from "../../measure/measure-load.ts";
import type { ContestantName, Figures } from "../../names.ts";
import { purchasesOfOne, type ScenarioContext, stockForAll, usualConnections, warmUp } from "../scenario.ts";

type Size = Readonly<{ connections?: number; generatorCount?: number; database?: "empty" | "old-orders" }>;

export function runHotEvent(name: ContestantName, context: ScenarioContext, size: Size = {}): Promise<Figures> {
  const { connections = usualConnections, generatorCount = 1, database = "empty" } = size;
  return withInstallation(context.arena, findHttpContestant(name), database, async (installation) => {
    await warmUp(installation, connections);
    const events = installation.contestant.orders === null ? [] : await installation.createEvents([0], stockForAll);
    const spec = { connections, generatorCount, seconds: context.seconds, request: purchasesOfOne() };
    const outcome = await measureLoad(installation, events, spec);
    await checkNothingLost(installation, events, outcome);
    await checkSoundness(installation, events);
    return outcome.figures;
  });
}
