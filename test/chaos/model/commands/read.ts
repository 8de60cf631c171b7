// Reads of an order, and of the list of an event's orders.
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { compareOrder, orderIn } from "../compare.ts";
import type { GatewayNumber } from "../model.ts";
import { anyGateway, command, gateway, type ModelCommand, nameOf, orderCommand, pickCode, place } from "./command.ts";

/** @param isKnown whether the reader has the order's version already */
const readOrder = (drawn: number, to: GatewayNumber, isKnown: boolean): ModelCommand =>
  orderCommand(
    "read an order",
    drawn,
    () => true,
    async (order, _model, real) => {
      const { id, version } = order;
      real.step(`${nameOf(order)} is read${isKnown ? " by who has its version" : ""}`);
      const known = { id, version: isKnown ? version : version - 1 };
      const ask = { kind: "read", orderId: id } as const;
      const answer = await real.send(anyGateway(to), ask, (at, options) => at.getOrder(known, options));
      if (isKnown) assert.equal(answer.kind, "unchanged");
      else compareOrder(orderIn(answer), order);
    },
  );

const listOrders = (drawn: number, to: GatewayNumber): ModelCommand =>
  command({
    name: "list the orders of an event",
    check: () => true,
    run: async (model, real) => {
      const code = pickCode(model, drawn);
      real.step(`the orders of ${code} are listed`);
      const { content } = await real.insist(anyGateway(to), (at) => at.listOrders(code, null));
      const textOf = ({ id, status, version }: Pick<(typeof content)[number], "id" | "status" | "version">) =>
        `${id} ${status} ${version}`;
      const own = model.orders.filter((order) => order.code === code);
      assert.deepEqual(content.map(textOf).sort(), own.map(textOf).sort());
    },
  });

export const readCommands = {
  order: fc.tuple(place, gateway, fc.boolean()).map((drawn) => readOrder(...drawn)),
  list: fc.tuple(place, gateway).map((drawn) => listOrders(...drawn)),
};
