// Purchases: plain and held, of one ticket type and of several, with and without a customer; sent again, and with a key
// that was used for something else.
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { compareAnswer, textOf } from "../compare.ts";
import type { Demand } from "../expect/sale.ts";
import { type GatewayNumber, pickFrom } from "../model.ts";
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
import { purchase, sendPurchase } from "./purchase.ts";

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

const buy = (drawn: number, to: GatewayNumber, wanted: Demand, waits: boolean): ModelCommand =>
  command({
    name: `buy ${textOf(wanted.lines)}${describe(wanted)}`,
    check: () => true,
    run: async (model, real) => {
      const code = pickCode(model, drawn);
      const key = `${real.prefix}-${real.nextNumber()}`;
      const who = wanted.customer ?? "somebody";
      real.step(`${key}: ${who} buys ${textOf(wanted.lines)} of ${code}${describe(wanted)}`);
      await purchase(model, real, viaRules(model, code, to), { code, key, demand: wanted }, waits);
    },
  });

function describe({ lines, isHeld, allowPartial }: Demand): string {
  const isPart = allowPartial && lines.length > 1;
  return `${isHeld ? ", to pay later" : ""}${isPart ? ", or a part of that" : ""}`;
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
