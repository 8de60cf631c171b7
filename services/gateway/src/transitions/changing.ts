// The parts that change orders after their first decision, put together.
import type { Db } from "@onsale/database/client";
import type { Metrics } from "@onsale/observability/metrics";
import { createTransitionMetrics } from "@onsale/service/transition-metrics";
import type { Enqueuer } from "../dispatch/enqueuer.ts";
import type { Decisions } from "../results/decisions.ts";
import { createAnnouncements } from "./announcements.ts";
import { createLatePaymentWaits, type LatePaymentWaits } from "./late-payments.ts";
import { createTransitions, type Transitions } from "./transitions.ts";

export type ChangingOptions = Readonly<{
  /** For transitions only. */
  db: Db;
  readDb: Db;
  decisions: Pick<Decisions, "subscribe" | "through">;
  enqueuer: Pick<Enqueuer, "wake">;
  metrics: Metrics;
  /** Told what failed in the background. */
  warn: (error: Error) => void;
}>;

export type Changing = Readonly<{
  transitions: Pick<Transitions, "submit">;
  latePaymentWaits: LatePaymentWaits;
}>;

export function createChanging({
  db,
  readDb,
  decisions,
  enqueuer,
  metrics,
  warn,
}: ChangingOptions): Changing & Readonly<{ close: () => Promise<void> }> {
  const announcements = createAnnouncements(readDb, warn);
  const count = createTransitionMetrics(metrics);
  const transitions = createTransitions(db, metrics, (committed) => {
    count(committed);
    announcements.announce(committed);
  });
  return {
    transitions: {
      submit: async (request) => {
        const answer = await transitions.submit(request);
        // The lane decides a late payment like a purchase.
        if (answer.outcome.kind === "late") enqueuer.wake(answer.order.eventId, answer.outcome.seq);
        return answer;
      },
    },
    latePaymentWaits: createLatePaymentWaits(decisions),
    close: async () => {
      await transitions.close();
      await announcements.close();
    },
  };
}
