import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, type LoadOutcome, measureLoad, newKeySuffix } from "../../measure/measure-load.ts";
import { type OrderFacts, readOrderFacts } from "../../measure/order-figures.ts";
import type { Figures } from "../../names.ts";
import { onsaleNames, otherEventCount, type Scenario, stockForAll, usualConnections, warmUp } from "../scenario.ts";

const hotTenths = 9;
const otherShare = 0.1;

/**
 * Measures the purchases of 1,000 other events, first alone, at 10 % of the full speed, and then beside a hot event
 * that gets 90 % of the requests. The hot event must not delay the others.
 */
export const besideHotEvent: Scenario = {
  name: "beside-hot-event",
  contestants: onsaleNames,
  loadCount: 3,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      const perSecond = await warmUp(installation);
      const [hot] = await installation.createEvents([0], stockForAll);
      const indexes = Array.from({ length: otherEventCount }, (_, index) => index + 1);
      const others = await installation.createEvents(indexes, stockForAll);
      if (hot === undefined) throw new Error("the hot event was not created");
      const plan = { kind: "purchase", otherCount: otherEventCount } as const;

      const alone = await measureLoad(installation, others, {
        connections: Math.ceil(usualConnections * otherShare),
        ratePerSecond: perSecond * otherShare,
        seconds,
        request: { ...plan, hotTenths: 0, keySuffix: newKeySuffix() },
      });
      await checkNothingLost(installation, others, alone);
      await installation.pool.query("CHECKPOINT");

      const beside = await measureLoad(installation, [hot, ...others], {
        connections: usualConnections,
        seconds,
        request: { ...plan, hotTenths, keySuffix: newKeySuffix() },
      });
      await checkNothingLost(installation, [hot, ...others], beside);
      const othersBeside = await readOrderFacts(installation.pool, others, beside.report.firstSentAtMs - 1);
      await checkSoundness(installation, [hot, ...others]);
      return {
        ...beside.figures,
        ...othersFigures("othersAlone", alone, alone.orders),
        ...othersFigures("othersBeside", beside, othersBeside),
      };
    }),
};

function othersFigures(
  prefix: "othersAlone" | "othersBeside",
  { report }: LoadOutcome,
  orders: OrderFacts | undefined,
): Figures {
  if (orders === undefined || orders.count === 0) return {};
  return {
    [`${prefix}.p50Ms`]: orders.p50Ms,
    [`${prefix}.p95Ms`]: orders.p95Ms,
    [`${prefix}.p99Ms`]: orders.p99Ms,
    [`${prefix}.acceptedPerSecond`]: orders.count / ((report.lastAnswerAtMs - report.firstSentAtMs) / 1_000),
  };
}
