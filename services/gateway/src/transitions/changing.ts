// The parts that change orders after their first decision, put together.
import type { Db } from "@onsale/database/client";
import type { TransitionToWrite } from "@onsale/database/statements/orders/write-transitions";
import { countTickets } from "@onsale/domain/decide";
import type { Metrics } from "@onsale/observability/metrics";
import type { Enqueuer } from "../dispatch/enqueuer.ts";
import { createAnnouncements } from "./announcements.ts";
import { createLatePaymentWaits, type LatePaymentWaits } from "./late-payments.ts";
import { createTransitions, type Transitions } from "./transitions.ts";

export type ChangingOptions = Readonly<{
  /** For transitions only. */
  db: Db;
  readDb: Db;
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
    latePaymentWaits: createLatePaymentWaits(),
    close: async () => {
      await transitions.close();
      await announcements.close();
    },
  };
}

function createTransitionMetrics(metrics: Metrics) {
  const closed = metrics.counter("orders_closed_total");
  const ticketsSold = metrics.counter("tickets_sold_total");

  return (transitions: readonly TransitionToWrite[]): void => {
    for (const { from, to, items } of transitions) {
      if (from === to) continue;
      closed.inc({ outcome: to.toLowerCase() });
      if (to === "CONFIRMED") ticketsSold.inc(countTickets(items));
    }
  };
}
