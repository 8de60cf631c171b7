// Whatever a client was told of an order happened, and no later answer told an earlier state.
import type { Faults } from "../../support/faults.ts";
import type { Facts } from "../facts.ts";
import type { Call, SeenOrder } from "../history.ts";
import { statesOf } from "./order-states.ts";

type Told = Readonly<{ beganMs: number; endedMs: number; order: SeenOrder }>;

/** Compares each state that was answered with the history of its order. */
export function checkAnswers(calls: readonly Call[], { orders }: Facts, faults: Faults): void {
  const told = new Map<string, Told[]>();
  for (const { beganMs, endedMs, result } of calls) {
    if (result.kind !== "order") continue;
    const own = told.get(result.order.id) ?? [];
    told.set(result.order.id, own);
    own.push({ beganMs, endedMs, order: result.order });
  }
  for (const order of orders) {
    const states = new Map(statesOf(order).map(({ version, status }) => [version, status]));
    const own = told.get(order.id) ?? [];
    for (const { order: seen } of own) {
      if (states.get(seen.version) === seen.status) continue;
      faults.note("an answer told what never was", `${seen.id}: ${seen.status}, version ${seen.version}`);
    }
    checkNeverBack(order.id, own, faults);
  }
}

/** A request that was sent after another one was answered gets the same version or a higher one. */
function checkNeverBack(id: string, told: readonly Told[], faults: Faults): void {
  const byEnd = told.toSorted((a, b) => a.endedMs - b.endedMs);
  let known = 0;
  let next = 0;
  for (const { beganMs, order } of told.toSorted((a, b) => a.beganMs - b.beganMs)) {
    for (let before = byEnd[next]; before !== undefined && before.endedMs < beganMs; before = byEnd[next]) {
      known = Math.max(known, before.order.version);
      next++;
    }
    if (order.version < known) faults.note("an answer told an earlier state", `${id}: ${order.version} after ${known}`);
  }
}
