import { createFaults, type Fault } from "../../support/faults.ts";
import type { Facts } from "../facts.ts";
import type { Call } from "../history.ts";
import { checkAcceptedOrders } from "./accepted-orders.ts";
import { checkAnswers } from "./answers.ts";
import { checkApi } from "./api.ts";
import { checkHoldEnds } from "./hold-ends.ts";
import { checkOrderLives } from "./order-life.ts";
import { checkRealTimeOrder } from "./real-time-order.ts";
import { checkWebhooks } from "./webhooks.ts";

/** Holds what the clients were told against what there is at the end, and returns each promise that was broken. */
export function checkRun(calls: readonly Call[], facts: Facts): readonly Fault[] {
  const faults = createFaults();
  checkAcceptedOrders(calls, facts, faults);
  checkRealTimeOrder(calls, facts, faults);
  checkAnswers(calls, facts, faults);
  checkOrderLives(facts, faults);
  checkHoldEnds(facts, faults);
  checkWebhooks(facts, faults);
  checkApi(facts, faults);
  return faults.list();
}
