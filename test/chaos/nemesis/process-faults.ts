// Processes that are killed, stopped in their tracks, and replaced.
import { setTimeout as delay } from "node:timers/promises";
import { type VictimKind, victimKinds } from "../stack/victim.ts";
import { draw, type FaultContext, type FaultKind } from "./fault.ts";

/** The locks of jobs end after 3 s: some freezes are shorter, most are longer. */
const freezeMinMs = 1_000;
const freezeMaxMs = 9_000;
const awayMinMs = 500;
const awayMaxMs = 4_000;

/** From less than any time limit to more than any. */
const wrongMinMs = 10_000;
const wrongMaxMs = 3_600_000;
const noticedMs = 500;

const ofKind = ({ stack }: FaultContext, kind: VictimKind) => stack.victims.filter((victim) => victim.kind === kind);
const countHits = (hits: readonly boolean[]) => hits.filter((isHit) => isHit).length;

/** Workers end holds. */
const delaysHolds = (kind: VictimKind) => kind === "worker";

const killsOf = (kind: VictimKind): readonly FaultKind[] => [
  {
    name: `a ${kind} is killed`,
    group: "kills",
    delaysHolds: delaysHolds(kind),
    inject: async (context) => countHits([await draw(context.random, ofKind(context, kind)).kill()]),
  },
  {
    name: `both ${kind}s are killed`,
    group: "kills",
    delaysHolds: delaysHolds(kind),
    inject: async (context) => countHits(await Promise.all(ofKind(context, kind).map(({ kill }) => kill()))),
  },
];

const faultsOf = (kind: VictimKind): readonly FaultKind[] => [
  {
    name: `a ${kind} is frozen`,
    group: "processes",
    delaysHolds: delaysHolds(kind),
    inject: async (context) => {
      const { freeze } = draw(context.random, ofKind(context, kind));
      return countHits([await freeze(context.drawMs(freezeMinMs, freezeMaxMs))]);
    },
  },
  {
    name: `the clock of a ${kind} jumps, and jumps back`,
    group: "processes",
    delaysHolds: delaysHolds(kind),
    inject: async (context) => {
      const { clock } = draw(context.random, ofKind(context, kind));
      const before = clock.noticedCount();
      const wrongMs = context.drawMs(wrongMinMs, wrongMaxMs);
      clock.shiftBy(context.random() < 0.5 ? wrongMs : -wrongMs);
      await delay(context.drawMs(freezeMinMs, freezeMaxMs));
      clock.shiftBy(0);
      await delay(noticedMs);
      return clock.noticedCount() - before;
    },
  },
  {
    name: `both ${kind}s are restarted in turn`,
    group: "processes",
    delaysHolds: delaysHolds(kind),
    inject: async (context) => {
      const hits: boolean[] = [];
      for (const { restart } of ofKind(context, kind)) hits.push(await restart());
      return countHits(hits);
    },
  },
];

const everythingIsKilled: FaultKind = {
  name: "all processes are killed",
  group: "kills",
  delaysHolds: true,
  inject: async ({ stack }) => countHits(await Promise.all(stack.victims.map(({ kill }) => kill()))),
};

const receiverIsAway: FaultKind = {
  name: "the webhook receiver is away",
  group: "processes",
  delaysHolds: false,
  inject: async ({ stack, drawMs }) => {
    await stack.receiver.goAway(drawMs(awayMinMs, awayMaxMs));
    return 1;
  },
};

/** Faults of the installation's own processes. */
export const processFaults: readonly FaultKind[] = [
  ...victimKinds.flatMap(killsOf),
  everythingIsKilled,
  ...victimKinds.flatMap(faultsOf),
  receiverIsAway,
];
