// The end of a run: everything that the checks of the chaos runs compare, and every order against the model.
import { strict as assert } from "node:assert";
import { checkRun } from "../check/check-run.ts";
import type { StoredOrder } from "../facts.ts";
import type { Gateways } from "../load/client.ts";
import { readFacts, untilSettled } from "../read-facts.ts";
import { compareStock, textOf } from "./compare.ts";
import type { ModelOrder } from "./expect/sale.ts";
import type { Model } from "./model.ts";
import type { Real } from "./real.ts";

const settleWithinMs = 60_000;

/**
 * @param receivedBefore how many webhooks the receiver had when the run began
 * @throws AssertionError that tells what is wrong
 */
export async function finish(model: Model, real: Real, gateways: Gateways, receivedBefore: number): Promise<void> {
  const { stack, history, outages } = real;
  real.step("the end: all work is done, then everything is compared");
  await real.untilHealed();
  const isSettled = await untilSettled(stack.db, settleWithinMs);
  await compareStock(model, real);
  const facts = await readFacts({
    db: stack.db,
    gateway: gateways[0],
    eventCodes: [...model.sales.keys()],
    received: () => stack.receiver.facts.slice(receivedBefore),
    outages,
    plentyEvents: [],
    cancelledEvents: [],
    showTask: () => undefined,
  });
  assert.deepEqual(checkRun(history.calls, facts), [], "a check found violations");
  assert.deepEqual(facts.orders.map(storedState).sort(), model.orders.map(modelState).sort());
  assert(isSettled, `not all work was done within ${settleWithinMs} ms`);
}

function storedState({ key, id, status, version, items, refunds }: StoredOrder): string {
  return stateText({ key, id, status, version, items, refunds });
}

function modelState({ key, id, status, version, items, refunds }: ModelOrder): string {
  return stateText({ key, id, status, version, items, refunds });
}

type State = Pick<ModelOrder, "key" | "id" | "status" | "version" | "items" | "refunds">;

function stateText({ key, id, status, version, items, refunds }: State): string {
  return `${key} ${id} ${status} ${version}: ${textOf(items)}; to refund: ${[...refunds].sort().join(", ") || "nothing"}`;
}
