// Purchases: plain and held, of one ticket type and of several, with and without a customer; sent again, and with a key
// that was used for something else.

import { strict as assert } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import type { Purchase } from "@onsale/contracts/order";
import fc from "fast-check";
import type { Answer } from "../../../demo/gateway.ts";
import { compareAnswer, compareOrder, compareProblem, orderIn, textOf } from "../compare.ts";
import { judgePurchase, lacksAll } from "../expect/purchase.ts";
import type { Demand, ModelOrder } from "../expect/sale.ts";
import { type GatewayNumber, type Model, pickFrom, type RefusedPurchase, saleOf } from "../model.ts";
import type { Real, Via } from "../real.ts";
import {
  anyGateway,
  command,
  gateway,
  type ModelCommand,
  nameOf,
  orderCommand,
  pickCode,
  place,
  viaRules,
} from "./command.ts";

const waitSeconds = 5;
/** Longer than a run takes. */
const holdSeconds = 1_800;
const readsMax = 30;
const soldOutFreshMs = 300;

const lines = fc
  .tuple(fc.nat(4), fc.nat(3), fc.boolean())
  .filter(([a, b]) => a + b > 0)
  .map(([a, b, isReversed]) => {
    const all = [
      { ticketType: "A", quantity: a },
      { ticketType: "B", quantity: b },
    ].filter(({ quantity }) => quantity > 0);
    return isReversed ? all.reverse() : all;
  });

const demand: fc.Arbitrary<Demand> = fc.record({
  lines,
  customer: fc.option(fc.constantFrom("customer-1", "customer-2"), { freq: 6 }),
  isHeld: fc.boolean(),
  allowPartial: fc.boolean(),
});

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

function sendPurchase(real: Real, via: Via, { code, key, demand }: RefusedPurchase, waits: boolean) {
  const body = bodyOf(code, demand);
  const send = real.send;
  return send(
    via,
    { kind: "purchase", key, body },
    (to, options) => to.purchase(key, body, options),
    waits ? waitSeconds : undefined,
  );
}

const isSoldOutProblem = (answer: Answer) => answer.kind === "problem" && answer.problem.code === "sold-out";

/** A gateway may refuse as sold out what came back in the last 250 ms. */
async function sendUntilFresh(real: Real, via: Via, wanted: RefusedPurchase, waits: boolean, isSoldOut: boolean) {
  const answer = await sendPurchase(real, via, wanted, waits);
  if (isSoldOut || !isSoldOutProblem(answer)) return answer;
  real.note("-> refused, sold-out, and sent again");
  await delay(soldOutFreshMs);
  return sendPurchase(real, via, wanted, waits);
}

/** Buys, and compares the decision. */
async function purchase(model: Model, real: Real, via: Via, wanted: RefusedPurchase, waits: boolean): Promise<void> {
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
    ...{ id: order.id, code, key, demand, status, items, reason },
    version: 2,
    paymentReference: null,
    wasExtended: false,
    refunds: [],
    changes: [],
  };
  compareOrder(order, known);
  model.orders.push(known);
}

async function readUntilDecided(real: Real, via: Via, first: ReturnType<typeof orderIn>) {
  let order = first;
  for (let reads = 0; order.status === "PENDING" && reads < readsMax; reads++) {
    const ask = { kind: "read", orderId: order.id } as const;
    const answer = await real.send(via, ask, (to, options) => to.getOrder(order, options), waitSeconds);
    if (answer.kind !== "unchanged") order = orderIn(answer);
  }
  assert(order.status !== "PENDING", "the order was never decided");
  return order;
}

const buy = (drawn: number, to: GatewayNumber, wanted: Demand, waits: boolean): ModelCommand =>
  command({
    name: `buy ${describe(wanted)}`,
    check: () => true,
    run: async (model, real) => {
      const code = pickCode(model, drawn);
      const key = `${real.prefix}-${real.nextNumber()}`;
      real.step(`${key}: ${wanted.customer ?? "somebody"} buys ${describe(wanted)} of ${code}`);
      await purchase(model, real, viaRules(model, code, to), { code, key, demand: wanted }, waits);
    },
  });

function describe({ lines, isHeld, allowPartial }: Demand): string {
  const isPart = allowPartial && lines.length > 1;
  return `${textOf(lines)}${isHeld ? ", to be paid later" : ""}${isPart ? ", or a part" : ""}`;
}

/** A shop that does not know what became of its request sends it again. */
const buyAgain = (drawn: number, to: GatewayNumber, waits: boolean): ModelCommand =>
  orderCommand(
    "send a purchase again",
    drawn,
    () => true,
    async (order, _model, real) => {
      real.step(`the purchase of ${nameOf(order)} is sent again`);
      const answer = await sendPurchase(real, anyGateway(to), order, waits);
      compareAnswer(real, answer, order, undefined);
      assert(answer.kind === "order" && answer.isReplayed, "the answer does not say that it is replayed");
    },
  );

/** Nothing was recorded, so it is decided as if it came for the first time. */
const buyRefusedAgain = (drawn: number, to: GatewayNumber, waits: boolean): ModelCommand =>
  command({
    name: "send a purchase again that was refused",
    check: ({ refused }) => refused.length > 0,
    run: async (model, real) => {
      const wanted = pickFrom(model.refused, drawn);
      if (wanted === undefined) return;
      model.refused.splice(model.refused.indexOf(wanted), 1);
      real.step(`${wanted.key}: the purchase that was refused is sent again`);
      await purchase(model, real, viaRules(model, wanted.code, to), wanted, waits);
    },
  });

const reuseKey = (drawn: number, to: GatewayNumber): ModelCommand =>
  orderCommand(
    "use the key of a purchase for another one",
    drawn,
    () => true,
    async (order, _model, real) => {
      real.step(`the key of ${nameOf(order)} is sent with the purchase of somebody else`);
      const other = { ...order, demand: { ...order.demand, customer: "somebody-else" } };
      const answer = await sendPurchase(real, anyGateway(to), other, false);
      compareAnswer(real, answer, order, "idempotency-key-reused");
    },
  );

export const buyCommands = {
  buy: fc.tuple(place, gateway, demand, fc.boolean()).map((drawn) => buy(...drawn)),
  again: fc.tuple(place, gateway, fc.boolean()).map((drawn) => buyAgain(...drawn)),
  refusedAgain: fc.tuple(place, gateway, fc.boolean()).map((drawn) => buyRefusedAgain(...drawn)),
  reuseKey: fc.tuple(place, gateway).map((drawn) => reuseKey(...drawn)),
};
