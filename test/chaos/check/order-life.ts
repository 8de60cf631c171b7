// Each order has one history, its row is the end of it, and each of its tickets came back once.

import { sumLines } from "@onsale/domain/decide";
import { canBecome, hasTickets } from "@onsale/domain/order-status";
import type { Faults } from "../../support/faults.ts";
import type { Facts, StoredOrder } from "../facts.ts";
import { decidedVersion, statesOf } from "./order-states.ts";

/** Checks each order of the database by itself. */
export function checkOrderLives({ orders, cancelledEvents }: Facts, faults: Faults): void {
  for (const order of orders) {
    if (order.status === "PENDING") faults.note("an order was never decided", order.id);
    else if (cancelledEvents.includes(order.eventCode) && !hasEnded(order)) {
      faults.note("an order outlived its event", `${order.id}, ${order.status}`);
    }
    checkHistory(order, faults);
    checkTickets(order, faults);
  }
}

function hasEnded({ status }: StoredOrder): boolean {
  return status === "CANCELLED" || status === "EXPIRED" || status === "REJECTED";
}

function checkHistory(order: StoredOrder, faults: Faults): void {
  const { id, status, version, history } = order;
  const states = statesOf(order);
  const last = states.at(-1);
  if (last?.version !== version || last.status !== status) {
    faults.note("an order is not what its history ends with", `${id}: ${status}, version ${version}`);
  }
  let before = states.find((state) => state.version === decidedVersion);
  for (const { version: own, from, to } of history) {
    if (before?.status !== from || before.version + 1 !== own) {
      faults.note("a history has a gap", `${id}, version ${own}`);
    } else if (from !== to && !canBecome(from, to)) {
      faults.note("an order took a step that does not exist", `${id}: ${from}, then ${to}`);
    }
    before = { version: own, status: to };
  }
}

/** Tickets that it drew are those that it has, and those that came back. */
function checkTickets(order: StoredOrder, faults: Faults): void {
  const { id, status, items, history, ledger, pendingReturns } = order;
  const hasWaited = history[0]?.from === "WAITING" || status === "WAITING";
  const isRefused = status === "REJECTED" || status === "PENDING" || hasWaited;
  const granted = isRefused ? [] : sumLines([...items, ...history.flatMap(({ returned }) => returned ?? [])]);
  const draws = granted.reduce((sum, { quantity }) => sum + quantity, 0);
  const sumOf = (...causes: readonly string[]) =>
    ledger.filter(({ cause }) => causes.includes(cause)).reduce((sum, { quantity }) => sum + quantity, 0);
  const drawn = draws + sumOf("offer", "late-payment");
  const returned = sumOf("return", "expiry") + pendingReturns;
  const has = hasTickets(status) ? items.reduce((sum, { quantity }) => sum + quantity, 0) : 0;
  if (drawn - returned === has) return;
  const what = drawn - returned < has ? "tickets came back twice" : "tickets did not come back";
  faults.note(what, `${id}, ${status}: drew ${drawn}, has ${has}, ${returned} came back`);
}
