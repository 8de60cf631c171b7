// The API tells at the end what the database has: in its lists, its changes and its audits.
import type { Faults } from "../../support/faults.ts";
import type { Facts } from "../facts.ts";
import { decidedVersion, statesOf } from "./order-states.ts";

/**
 * Compares the API with the rows. The audits replay every decision and the ledger: they find a rejection while every
 * counter had room, a wrong order of decisions, and stock that differs from the orders.
 */
export function checkApi({ orders, listed, changes, audits, refused }: Facts, faults: Faults): void {
  for (const what of refused) faults.note("the API did not tell what it has", what);
  const stateOf = ({ id, status, version }: Facts["listed"][number]) => `${id} ${status} ${version}`;
  compare("the list of orders", listed.map(stateOf), orders.map(stateOf), faults);
  const transitions = orders.flatMap((order) =>
    statesOf(order)
      .filter(({ version }) => version >= decidedVersion)
      .map(({ version, status }) => `${order.id} ${status} ${version}`),
  );
  const told = changes.map(({ orderId, version, to }) => `${orderId} ${to} ${version}`);
  compare("the changes of an event", told, transitions, faults);
  for (const { eventCode, checks } of audits) {
    for (const { ok, name, examples } of checks) {
      if (!ok) faults.note(`the audit: ${name}`, `${eventCode}: ${examples.join("; ")}`);
    }
  }
}

function compare(what: string, told: readonly string[], stored: readonly string[], faults: Faults): void {
  const [toldOnce, storedOnce] = [new Set(told), new Set(stored)];
  if (toldOnce.size < told.length) faults.note(`${what} told something twice`, `${told.length - toldOnce.size}`);
  for (const one of storedOnce) if (!toldOnce.has(one)) faults.note(`${what} left something out`, one);
  for (const one of toldOnce) if (!storedOnce.has(one)) faults.note(`${what} told what is not stored`, one);
}
