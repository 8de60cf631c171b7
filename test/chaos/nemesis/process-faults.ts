// Processes that are killed, stopped in their tracks, and replaced.
import { setTimeout as delay } from "node:timers/promises";
import { type Victim, type VictimKind, victimKinds } from "../stack/victim.ts";
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

const group = "processes";
const ofKind = ({ stack }: FaultContext, kind: VictimKind) => stack.victims.filter((victim) => victim.kind === kind);
const countHits = (hits: readonly boolean[]) => hits.filter((isHit) => isHit).length;

/** One process of a kind. */
function hitsOne(what: string, kind: VictimKind, hit: (victim: Victim, context: FaultContext) => Promise<boolean>) {
  return {
    name: `a ${kind} ${what}`,
    group,
    inject: async (context: FaultContext) =>
      countHits([await hit(draw(context.random, ofKind(context, kind)), context)]),
  } satisfies FaultKind;
}

const faultsOf = (kind: VictimKind): readonly FaultKind[] => [
  hitsOne("is killed", kind, ({ kill }) => kill()),
  hitsOne("is frozen", kind, ({ freeze }, { drawMs }) => freeze(drawMs(freezeMinMs, freezeMaxMs))),
  {
    name: `the clock of a ${kind} jumps, and jumps back`,
    group,
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
    name: `both ${kind}s are killed`,
    group,
    inject: async (context) => countHits(await Promise.all(ofKind(context, kind).map(({ kill }) => kill()))),
  },
  {
    name: `both ${kind}s are restarted in turn`,
    group,
    inject: async (context) => {
      const hits: boolean[] = [];
      for (const { restart } of ofKind(context, kind)) hits.push(await restart());
      return countHits(hits);
    },
  },
];

const everythingIsKilled: FaultKind = {
  name: "all processes are killed",
  group,
  inject: async ({ stack }) => countHits(await Promise.all(stack.victims.map(({ kill }) => kill()))),
};

const receiverIsAway: FaultKind = {
  name: "the webhook receiver is away",
  group,
  inject: async ({ stack, drawMs }) => {
    await stack.receiver.goAway(drawMs(awayMinMs, awayMaxMs));
    return 1;
  },
};

/** Faults of the installation's own processes. */
export const processFaults: readonly FaultKind[] = [
  ...victimKinds.flatMap(faultsOf),
  everythingIsKilled,
  receiverIsAway,
];
