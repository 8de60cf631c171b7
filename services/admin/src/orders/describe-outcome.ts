// Says in a sentence what a change of an order came to.
import type { Outcome, PlannedTransition, Wish } from "@onsale/database/transitions/plan";
import { HttpError } from "../errors/http-error.ts";

const refusals: Readonly<Record<Extract<Outcome, { kind: "refused" }>["code"], string>> = {
  "order-undecided": "The order has no decision yet; try again in a moment.",
  "order-not-confirmable": "A rejected or cancelled order cannot be confirmed. Refund the payment, if there was one.",
  "order-not-cancellable": "A rejected or expired order has no tickets to give back.",
  "order-not-held": "The order is not held.",
  "hold-expired": "The hold has expired, and not all of its tickets are left. Refund the payment, if there was one.",
  "hold-extended-before": "The hold was extended before.",
  "already-confirmed": "Another payment has confirmed the order. Refund this one.",
  "items-exceed-order": "The order has fewer tickets than that.",
};

const late = "The hold had expired. The order is confirmed if all of its tickets are still there: see its timeline.";
const otherPayment = "Another payment of this order is being decided, and this one is not recorded; try again.";

/** @throws HttpError when nothing was done */
export function describeOutcome(outcome: Outcome | undefined, { kind }: Wish): string {
  switch (outcome?.kind) {
    case "changed":
      if (kind === "confirm") return "The order is confirmed.";
      if (outcome.transition.from === "WAITING") return describeLeft(outcome.transition);
      return outcome.transition.to === "CANCELLED"
        ? "The order is cancelled; its tickets are on sale again."
        : "The tickets are on sale again; the order keeps the others.";
    case "unchanged":
      return `The order was ${kind === "confirm" ? "confirmed" : "cancelled"} before.`;
    case "undecided-payment":
      if (!outcome.isSame) throw new HttpError(409, otherPayment);
      return late;
    case "late":
      return late;
    case "refused":
      throw new HttpError(409, refusals[outcome.code]);
    case "version-mismatch":
      throw new HttpError(409, "The order has changed since you looked at it. Look again, then decide.");
    default:
      throw new HttpError(404, "There is no order with this id.");
  }
}

function describeLeft({ to }: PlannedTransition): string {
  return to === "CANCELLED" ? "The order has left the waiting list." : "The order waits for fewer tickets.";
}
