// Compares the answers that the buyers got with the orders, the stock and the audit, when the last buyer has ended.
import type { Audit } from "@onsale/contracts/audit";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Order } from "@onsale/contracts/order";
import { canBecome } from "@onsale/domain/order-status";
import { buyerAt, type CrowdPlan } from "./crowd.ts";
import { buyerIndexOf, type Gateway } from "./gateway.ts";
import type { Ledger } from "./ledger.ts";
import { listOrders, untilDecided } from "./orders.ts";
import type { Pause } from "./pauses.ts";
import { createRetry, type Retry } from "./retry.ts";

/** A hold ends within a second; a margin for a busy machine, and for clocks that differ. */
const expiredWithinMs = 15_000;
/** Tickets of orders that end come back soon after, and gateways keep the number of held ones for a moment. */
const backWithinMs = 5_000;
const pollMs = 200;

/** What the checks could read. */
export type Outcome = Readonly<{
  audit: Audit | undefined;
  inventory: readonly Inventory[] | undefined;
  /** Accepted orders that are in the list of orders. */
  foundCount: number | undefined;
  /** Each check that was not possible, with the reason. */
  unchecked: readonly string[];
}>;

type Check = Readonly<{
  gateway: Gateway;
  ledger: Ledger;
  plan: CrowdPlan;
  eventCode: string;
  /** A second Ctrl-C ends it. */
  pause: Pause;
  showTask: (text: string) => void;
}>;

/** Reads everything about the event, and notes each contradiction in the ledger; never throws. */
export async function verify(check: Check): Promise<Outcome> {
  const { gateway, ledger, eventCode, pause, showTask } = check;
  const retry = createRetry(pause, showTask);
  const unchecked: string[] = [];
  async function attempt<T>(what: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      unchecked.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
  await attempt("whether all orders are decided", () => untilDecided(check, retry));
  const found = await attempt("the orders", () => checkOrders(check, retry));
  const inventory = await attempt("the stock", () => readStock(check, retry, found));
  if (inventory !== undefined) checkStock(ledger, inventory, found);
  showTask("the audit");
  const audit = await attempt("the audit", () => retry(() => gateway.audit(eventCode)));
  for (const { ok, name, examples } of audit?.checks ?? []) {
    if (!ok) ledger.noteFault(`the audit found a violation of: ${name}`, examples.join("; "));
  }
  return { audit, inventory, foundCount: found?.foundCount, unchecked };
}

async function checkOrders({ gateway, ledger, plan, eventCode, showTask }: Check, retry: Retry) {
  const soldByType = new Map<string, number>();
  const heldByType = new Map<string, number>();
  const isSeen = new Uint8Array(plan.buyers);
  let foundCount = 0;
  for await (const order of listOrders({ gateway, eventCode, showTask }, retry)) {
    const index = checkOrder(ledger, plan, order, isSeen);
    if (index !== undefined && ledger.idOf(index) === order.id) foundCount++;
    const sums = order.status === "CONFIRMED" ? soldByType : order.status === "HELD" ? heldByType : undefined;
    for (const { ticketType, quantity } of order.items) {
      sums?.set(ticketType, (sums.get(ticketType) ?? 0) + quantity);
    }
  }
  for (let index = 0; index < plan.buyers; index++) {
    const id = ledger.idOf(index);
    if (id !== undefined && isSeen[index] === 0) ledger.noteFault("an accepted order is lost", id);
  }
  return { soldByType, heldByType, foundCount };
}

/** @returns the number of the buyer who placed it; undefined for an order of no buyer of this demo */
function checkOrder(ledger: Ledger, plan: CrowdPlan, order: Order, isSeen: Uint8Array): number | undefined {
  const index = buyerIndexOf(order);
  if (index === undefined || index >= plan.buyers) {
    ledger.noteFault("an order belongs to no buyer", order.id);
    return undefined;
  }
  if (isSeen[index] === 1) ledger.noteFault("one key has two orders", `buyer ${index}, order ${order.id}`);
  isSeen[index] = 1;
  const wanted = buyerAt(plan, index);
  if (order.ticketType !== wanted.ticketType || order.quantity !== wanted.quantity) {
    ledger.noteFault("an order is not what its buyer wanted", order.id);
  }
  const id = ledger.idOf(index);
  if (id !== undefined && id !== order.id) ledger.noteFault("an accepted order is lost", id);
  if (order.status === "PENDING") ledger.noteFault("an order was not decided in time", order.id);
  if (order.status === "HELD" && Date.parse(order.expiresAt ?? "") < Date.now() - expiredWithinMs) {
    ledger.noteFault("a hold did not expire in time", order.id);
  }
  const learned = ledger.outcomeOf(index);
  if (learned !== undefined && learned !== order.status && !mayFollow(learned, order.status)) {
    ledger.noteFault("a decision changed", `${order.id}: ${learned}, then ${order.status}`);
  }
  return index;
}

/** Only holds end by themselves or by a request whose answer was lost; nobody here cancels a confirmed order. */
function mayFollow(learned: Order["status"], status: Order["status"]): boolean {
  return (learned === "HELD" || learned === "EXPIRED") && canBecome(learned, status);
}

type Sums = Readonly<Record<"soldByType" | "heldByType", ReadonlyMap<string, number>>>;

/** The stock, once no more tickets are held than the orders have. */
async function readStock(
  { gateway, eventCode, pause }: Check,
  retry: Retry,
  sums?: Sums,
): Promise<readonly Inventory[]> {
  for (const deadline = Date.now() + backWithinMs; ; await pause(pollMs)) {
    const inventory = await retry(() => gateway.inventory(eventCode));
    const isBack = inventory.every(({ ticketType, held }) => held <= heldMaxOf(ticketType, held, sums));
    if (isBack || Date.now() > deadline) return inventory;
  }
}

/** Holds may have expired since their orders were read. */
const heldMaxOf = (ticketType: string, held: number, sums?: Sums) =>
  sums === undefined ? held : (sums.heldByType.get(ticketType) ?? 0);

/** @param sums of the confirmed and of the held orders, if all orders could be read */
function checkStock(ledger: Ledger, inventory: readonly Inventory[], sums?: Sums): void {
  for (const { ticketType, total, sold, held, available } of inventory) {
    const inOrders = sums === undefined ? sold : (sums.soldByType.get(ticketType) ?? 0);
    const heldMax = heldMaxOf(ticketType, held, sums);
    if (held > heldMax) ledger.noteFault("tickets are held for no order", `${ticketType}: ${held} of ${heldMax}`);
    if (inOrders > total || available < 0) ledger.noteFault("oversold", `${ticketType}: ${inOrders} of ${total}`);
    if (inOrders !== sold) ledger.noteFault("orders and stock differ", `${ticketType}: ${inOrders}, but ${sold} sold`);
    if (sold + held + available !== total) ledger.noteFault("the stock does not add up", ticketType);
  }
}
