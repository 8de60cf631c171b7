// The parts that change orders after their first decision, put together.
import { changedChannel } from "@onsale/database/announcements/channels";
import type { Db } from "@onsale/database/client";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Service } from "@onsale/service/run-service";
import { createTransitionMetrics } from "@onsale/service/transition-metrics";
import type { Enqueuer } from "../dispatch/enqueuer.ts";
import type { Waiters } from "../results/waiters.ts";
import { createAnnouncements } from "./announcements.ts";
import { createLatePaymentWaits, type LatePaymentWaits } from "./late-payments.ts";
import { createTransitions, type Transitions } from "./transitions.ts";

export type ChangingParts = Readonly<{
  /** For transitions only. */
  transitionDb: Db;
  readDb: Db;
  enqueuer: Pick<Enqueuer, "wake">;
  waiters: Pick<Waiters, "onChanged">;
}>;

export type Changing = Readonly<{
  transitions: Pick<Transitions, "submit">;
  latePaymentWaits: LatePaymentWaits;
  /** For the gateway's listener. */
  changeHandlers: Readonly<Record<string, (payload: string) => void>>;
}>;

export function createChanging(
  { metrics, onStop, warnOf }: Pick<Service<unknown>, "metrics" | "onStop" | "warnOf">,
  { transitionDb, readDb, enqueuer, waiters }: ChangingParts,
): Changing {
  const announcements = createAnnouncements(readDb, warnOf("announcements"));
  onStop("announcements", announcements.close);
  const count = createTransitionMetrics(metrics);
  const transitions = createTransitions(transitionDb, metrics, (committed) => {
    count(committed);
    announcements.announce(committed);
  });
  onStop("transitions", transitions.close);
  const latePaymentWaits = createLatePaymentWaits();
  return {
    transitions: {
      submit: async (request) => {
        const answer = await transitions.submit(request);
        // The lane decides a late payment like a purchase.
        if (answer.outcome.kind === "late") {
          crashAt("transition.late-payment-recorded");
          enqueuer.wake(answer.order.eventId, answer.outcome.seq);
        }
        return answer;
      },
    },
    latePaymentWaits,
    changeHandlers: {
      [changedChannel]: (payload) => {
        waiters.onChanged(payload);
        latePaymentWaits.onChanged(payload);
      },
    },
  };
}
