// Sends a purchase, and compares its decision.
import { strict as assert } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import type { Order, Purchase } from "@onsale/contracts/order";
import type { Answer } from "../../../demo/gateway.ts";
import { compareOrder, compareProblem, orderIn } from "../compare.ts";
import { judgePurchase, lacksAll } from "../expect/purchase.ts";
import type { Demand, ModelOrder } from "../expect/sale.ts";
import { type Model, type RefusedPurchase, saleOf } from "../model.ts";
import type { Real, Via } from "../real.ts";

const waitSeconds = 5;
/** Longer than a run takes. */
const holdSeconds = 1_800;
const readsMax = 30;
const soldOutFreshMs = 300;

const bodyOf = (code: string, { lines, customer, isHeld, allowPartial }: Demand): Purchase => {
  const [only] = lines;
  return {
    eventCode: code,
    ...(only !== undefined && lines.length === 1 ? only : { items: [...lines] }),
    ...(customer === null ? {} : { customerRef: customer }),
    ...(isHeld ? { holdSeconds } : {}),
    ...(allowPartial ? { allowPartial } : {}),
  };
};

export function sendPurchase(real: Real, via: Via, { code, key, demand }: RefusedPurchase, waits: boolean) {
  const body = bodyOf(code, demand);
  return real.send(
    via,
    { kind: "purchase", key, body },
    (to, options) => to.purchase(key, body, options),
    waits ? waitSeconds : undefined,
  );
}

const isSoldOutProblem = (answer: Answer) => answer.kind === "problem" && answer.problem.code === "sold-out";

/** For 250 ms a gateway may refuse as sold out what came back meanwhile. */
async function sendUntilFresh(real: Real, via: Via, wanted: RefusedPurchase, waits: boolean, isSoldOut: boolean) {
  const answer = await sendPurchase(real, via, wanted, waits);
  if (isSoldOut || !isSoldOutProblem(answer)) return answer;
  real.note("-> refused, sold-out, and sent again");
  await delay(soldOutFreshMs);
  return sendPurchase(real, via, wanted, waits);
}

/** Buys, and compares the decision. */
export async function purchase(
  model: Model,
  real: Real,
  via: Via,
  wanted: RefusedPurchase,
  waits: boolean,
): Promise<void> {
  const { code, key, demand } = wanted;
  const verdict = judgePurchase(saleOf(model, code), model.orders, demand);
  const isSoldOut = verdict.kind === "decided" && lacksAll(saleOf(model, code), model.orders, demand);
  const answer = await sendUntilFresh(real, via, wanted, waits, isSoldOut);
  const refusal = isSoldOut && isSoldOutProblem(answer) ? "sold-out" : verdict.kind === "refused" ? verdict.code : null;
  if (refusal !== null) {
    real.note(`-> refused, ${refusal}`);
    compareProblem(answer, refusal);
    model.refused.push(wanted);
    return;
  }
  assert(verdict.kind === "decided");
  const order = await readUntilDecided(real, via, orderIn(answer));
  real.note(`-> ${order.status}${order.reason === null ? "" : `, ${order.reason.code}`}`);
  const { status, items, reason } = verdict;
  const known: ModelOrder = {
    id: order.id,
    code,
    key,
    demand,
    status,
    version: 2,
    items,
    reason,
    paymentReference: null,
    wasExtended: false,
    refunds: [],
    changes: [],
  };
  compareOrder(order, known);
  model.orders.push(known);
}

async function readUntilDecided(real: Real, via: Via, first: Order): Promise<Order> {
  let order = first;
  for (let reads = 0; order.status === "PENDING" && reads < readsMax; reads++) {
    const ask = { kind: "read", orderId: order.id } as const;
    const answer = await real.send(via, ask, (to, options) => to.getOrder(order, options), waitSeconds);
    if (answer.kind !== "unchanged") order = orderIn(answer);
  }
  assert(order.status !== "PENDING", "the order was never decided");
  return order;
}
