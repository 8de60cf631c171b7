// When the crowd has gone: holds what everybody was told against what there is.
import type { Audit } from "@onsale/contracts/audit";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order } from "@onsale/contracts/order";
import { buyerAt, type CrowdPlan } from "./crowd.ts";
import { buyerIndexOf, type Gateway } from "./gateway.ts";
import type { Ledger } from "./ledger.ts";
import { type Ask, createPatience } from "./patience.ts";
import type { Pause } from "./pauses.ts";

/** As docs/invariants.md promises, and some more for a busy machine. */
const decidedWithinMs = 45_000;
const pollMs = 200;

/** What there is, as far as it could be read. */
export type Outcome = Readonly<{
  audit: Audit | undefined;
  inventory: readonly Inventory[] | undefined;
  /** Accepted orders that were found again, with the decision that their buyer was told. */
  foundCount: number | undefined;
  /** What could not be checked, and why. */
  unchecked: readonly string[];
}>;

type Check = Readonly<{
  gateway: Gateway;
  ledger: Ledger;
  plan: CrowdPlan;
  eventCode: string;
  /** Ended by whoever does not want to wait for the rest. */
  pause: Pause;
  tell: (what: string) => void;
}>;

/** Reads everything about the event, and notes in the ledger whatever does not fit; never throws. */
export async function verify(check: Check): Promise<Outcome> {
  const { gateway, ledger, eventCode, pause, tell } = check;
  const ask = createPatience(pause, tell);
  const unchecked: string[] = [];
  async function attempt<T>(what: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      unchecked.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
  await attempt("whether all orders are decided", () => untilDecided(check, ask));
  const found = await attempt("the orders", () => checkOrders(check, ask));
  const inventory = await attempt("the stock", () => ask(() => gateway.inventory(eventCode)));
  if (inventory !== undefined) checkStock(ledger, inventory, found?.soldByType);
  tell("the audit");
  const audit = await attempt("the audit", () => ask(() => gateway.audit(eventCode)));
  for (const { ok, name, examples } of audit?.checks ?? []) {
    if (!ok) ledger.noteFault(`the audit found that not: ${name}`, examples.join("; "));
  }
  return { audit, inventory, foundCount: found?.foundCount, unchecked };
}

async function checkOrders({ gateway, ledger, plan, eventCode, tell }: Check, ask: Ask) {
  const soldByType = new Map<string, number>();
  const isSeen = new Uint8Array(plan.buyers);
  let listed = 0;
  let foundCount = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await ask(() => gateway.listOrders(eventCode, cursor ?? null));
    for (const order of page.content) {
      const index = checkOrder(ledger, plan, order, isSeen);
      if (index !== undefined && ledger.idOf(index) === order.id) foundCount++;
      if (order.status === "CONFIRMED") {
        soldByType.set(order.ticketType, (soldByType.get(order.ticketType) ?? 0) + order.quantity);
      }
    }
    listed += page.content.length;
    tell(`checking orders: ${listed} of ${page.totalElements}`);
    cursor = page.nextCursor;
  }
  for (let index = 0; index < plan.buyers; index++) {
    const id = ledger.idOf(index);
    if (id !== undefined && isSeen[index] === 0) ledger.noteFault("an accepted order is lost", id);
  }
  return { soldByType, foundCount };
}

async function untilDecided({ gateway, eventCode, pause, tell }: Check, ask: Ask): Promise<void> {
  for (const deadline = Date.now() + decidedWithinMs; Date.now() < deadline; await pause(pollMs)) {
    const pending = await ask(() => gateway.countPending(eventCode));
    if (pending === 0) return;
    tell(`${pending} orders are still to be decided`);
  }
}

/** @returns whose order it is */
function checkOrder(ledger: Ledger, plan: CrowdPlan, order: Order, isSeen: Uint8Array): number | undefined {
  const index = buyerIndexOf(order);
  if (index === undefined || index >= plan.buyers) {
    ledger.noteFault("an order is nobody's", order.id);
    return undefined;
  }
  if (isSeen[index] === 1) ledger.noteFault("one key has two orders", `buyer ${index}, order ${order.id}`);
  isSeen[index] = 1;
  const wanted = buyerAt(plan, index);
  if (order.ticketType !== wanted.ticketType || order.quantity !== wanted.quantity) {
    ledger.noteFault("an order is not what was asked for", order.id);
  }
  const id = ledger.idOf(index);
  if (id !== undefined && id !== order.id) ledger.noteFault("an accepted order is lost", id);
  if (order.status === "PENDING") ledger.noteFault("an order was not decided in time", order.id);
  const told = ledger.outcomeOf(index);
  if (told !== undefined && told !== order.status) {
    ledger.noteFault("a decision changed", `${order.id}: ${told}, then ${order.status}`);
  }
  return index;
}

/** @param soldByType what the orders say, if they could all be read */
function checkStock(ledger: Ledger, inventory: readonly Inventory[], soldByType?: ReadonlyMap<string, number>): void {
  for (const { ticketType, total, sold, held, available } of inventory) {
    const inOrders = soldByType === undefined ? sold : (soldByType.get(ticketType) ?? 0);
    if (inOrders > total || available < 0) ledger.noteFault("oversold", `${ticketType}: ${inOrders} of ${total}`);
    if (inOrders !== sold) ledger.noteFault("orders and stock differ", `${ticketType}: ${inOrders}, but ${sold} sold`);
    if (sold + held + available !== total) ledger.noteFault("the stock does not add up", ticketType);
  }
}
