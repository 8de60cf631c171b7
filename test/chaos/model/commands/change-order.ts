// Requests that change an order: payments in time, late and twice; tickets that are given back; holds that last longer.
import type { Line } from "@onsale/domain/decide";
import fc from "fast-check";
import type { Answer } from "../../../demo/gateway.ts";
import { compareAnswer, textOf } from "../compare.ts";
import { hasRoom } from "../expect/purchase.ts";
import { hasTickets, type KeyedChange, type ModelOrder } from "../expect/sale.ts";
import { cancel, confirm, extend } from "../expect/transitions.ts";
import { type GatewayNumber, type Model, saleOf, setOrder } from "../model.ts";
import type { Real } from "../real.ts";
import { anyGateway, gateway, type ModelCommand, nameOf, orderCommand, place } from "./command.ts";

const paymentsMax = 2;
const extendSeconds = 3_600;
const answersMax = 30;

/** Pays, and waits for the decision on a late payment. */
export async function pay(order: ModelOrder, model: Model, real: Real, reference: string, to: GatewayNumber) {
  const ask = { kind: "confirm", orderId: order.id, reference } as const;
  const send = () => real.send(anyGateway(to), ask, (at, options) => at.confirm(order, reference, options));
  const expected = confirm(order, reference, hasRoom(saleOf(model, order.code), model.orders, order));
  let answer = await send();
  for (let count = 1; isUndecided(answer) && count < answersMax; count++) answer = await send();
  compareAnswer(real, answer, expected.order, expected.problem);
  setOrder(model, expected.order);
}

/** A late payment is recorded, and the lane has not decided it. */
function isUndecided(answer: Answer): boolean {
  return answer.kind === "order" && answer.order.status === "EXPIRED";
}

const payOrder = (drawn: number, payment: number, to: GatewayNumber): ModelCommand =>
  orderCommand(
    "pay an order",
    drawn,
    () => true,
    async (order, model, real) => {
      const reference = `${order.key}-payment-${payment}`;
      real.step(`${nameOf(order)} is paid, ${reference}`);
      await pay(order, model, real, reference, to);
    },
  );

/** Sends a cancellation or an extension. */
function sendChange({ id }: ModelOrder, real: Real, change: KeyedChange, to: GatewayNumber): Promise<Answer> {
  const { key } = change;
  if (change.kind === "extend") {
    const { seconds } = change;
    return real.send(anyGateway(to), { kind: "extend", orderId: id, key }, (at, options) =>
      at.extend({ id }, seconds, key, options),
    );
  }
  const items = change.items === undefined ? undefined : [...change.items];
  return real.send(anyGateway(to), { kind: "cancel", orderId: id, key, items }, (at, options) =>
    at.cancel({ id }, items, key, options),
  );
}

async function giveBack(
  order: ModelOrder,
  model: Model,
  real: Real,
  items: readonly Line[] | undefined,
  to: GatewayNumber,
) {
  const key = `${real.prefix}-cancel-${real.nextNumber()}`;
  real.step(`${items === undefined ? "all" : textOf(items)} of ${nameOf(order)} is cancelled`);
  const expected = cancel(order, key, items);
  const answer = await sendChange(order, real, { kind: "cancel", key, items }, to);
  compareAnswer(real, answer, expected.order, expected.problem);
  setOrder(model, expected.order);
}

const cancelOrder = (drawn: number, to: GatewayNumber): ModelCommand =>
  orderCommand(
    "cancel an order",
    drawn,
    () => true,
    (order, model, real) => giveBack(order, model, real, undefined, to),
  );

const cancelSome = (drawn: number, to: GatewayNumber, items: readonly Line[]): ModelCommand =>
  orderCommand(`cancel ${textOf(items)} of an order`, drawn, hasTickets, (order, model, real) =>
    giveBack(order, model, real, items, to),
  );

const extendOrder = (drawn: number, to: GatewayNumber): ModelCommand =>
  orderCommand(
    "extend a hold",
    drawn,
    ({ demand }) => demand.isHeld,
    async (order, model, real) => {
      const key = `${real.prefix}-extend-${real.nextNumber()}`;
      real.step(`the hold of ${nameOf(order)} is extended`);
      const expected = extend(order, key, extendSeconds);
      const answer = await sendChange(order, real, { kind: "extend", key, seconds: extendSeconds }, to);
      compareAnswer(real, answer, expected.order, expected.problem);
      setOrder(model, expected.order);
    },
  );

const isChanged = ({ changes }: ModelOrder) => changes.length > 0;

const changeAgain = (drawn: number, to: GatewayNumber): ModelCommand =>
  orderCommand("send a change of an order again", drawn, isChanged, async (order, _model, real) => {
    const change = order.changes.at(-1);
    if (change === undefined) return;
    real.step(`the last ${change.kind} of ${nameOf(order)} is sent again`);
    compareAnswer(real, await sendChange(order, real, change, to), order, undefined);
  });

const reuseChangeKey = (drawn: number, to: GatewayNumber): ModelCommand =>
  orderCommand("use the key of a change for another one", drawn, isChanged, async (order, _model, real) => {
    const change = order.changes.at(-1);
    if (change === undefined) return;
    real.step(`the key of the last ${change.kind} of ${nameOf(order)} is sent with something else`);
    const other: KeyedChange = { kind: "extend", key: change.key, seconds: extendSeconds - 1 };
    compareAnswer(real, await sendChange(order, real, other, to), order, "idempotency-key-reused");
  });

const someItems = fc.constantFrom<readonly Line[]>(
  [{ ticketType: "A", quantity: 1 }],
  [{ ticketType: "B", quantity: 1 }],
  [{ ticketType: "A", quantity: 2 }],
  [
    { ticketType: "A", quantity: 1 },
    { ticketType: "B", quantity: 1 },
  ],
);

export const changeCommands = {
  pay: fc.tuple(place, fc.integer({ min: 1, max: paymentsMax }), gateway).map((drawn) => payOrder(...drawn)),
  cancel: fc.tuple(place, gateway).map((drawn) => cancelOrder(...drawn)),
  cancelSome: fc.tuple(place, gateway, someItems).map((drawn) => cancelSome(...drawn)),
  extend: fc.tuple(place, gateway).map((drawn) => extendOrder(...drawn)),
  again: fc.tuple(place, gateway).map((drawn) => changeAgain(...drawn)),
  reuseKey: fc.tuple(place, gateway).map((drawn) => reuseChangeKey(...drawn)),
};
