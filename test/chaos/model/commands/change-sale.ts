// Changes of a sale by its operator: totals of ticket types and of the pool, limits, pauses.
import { strict as assert } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { problemOf } from "../compare.ts";
import { countOf, hasTickets, type Sale } from "../expect/sale.ts";
import { type GatewayNumber, type Model, saleOf } from "../model.ts";
import type { Real } from "../real.ts";
import { anyGateway, command, gateway, type ModelCommand, pickCode, place, viaRules } from "./command.ts";

/** Every gateway follows within a second. */
const followMs = 1_000;

/** Tickets that orders of the sale have. */
function allocatedOf({ orders }: Model, code: string, ticketType?: string): number {
  const own = orders.filter((order) => order.code === code && hasTickets(order));
  return countOf(
    own.flatMap(({ items }) => items),
    ticketType,
  );
}

function compareProblem(real: Real, problem: string | undefined, isPossible: boolean): void {
  real.note(`-> ${problem ?? "done"}`);
  assert.equal(problem, isPossible ? undefined : "total-below-allocated");
}

const setTotal = (drawn: number, to: GatewayNumber, ticketType: string, total: number): ModelCommand =>
  command({
    name: `set the total of ${ticketType} to ${total}`,
    check: () => true,
    run: async (model, real) => {
      const code = pickCode(model, drawn);
      real.step(`the total of ${ticketType} of ${code} is set to ${total}`);
      const isPossible = total >= allocatedOf(model, code, ticketType);
      const problem = await problemOf(real.insist(anyGateway(to), (at) => at.change(code, { total }, ticketType)));
      compareProblem(real, problem, isPossible);
      const sale = saleOf(model, code);
      if (isPossible) model.sales.set(code, { ...sale, totals: { ...sale.totals, [ticketType]: total } });
    },
  });

const setPool = (drawn: number, to: GatewayNumber, total: number): ModelCommand =>
  command({
    name: `set the total of a pool to ${total}`,
    check: ({ sales }) => [...sales.values()].some(({ pool }) => pool !== null),
    run: async (model, real) => {
      const pooled = [...model.sales].filter(([, { pool }]) => pool !== null);
      const code = pickCode({ ...model, sales: new Map(pooled) }, drawn);
      real.step(`the total of the pool of ${code} is set to ${total}`);
      const isPossible = total >= allocatedOf(model, code);
      const change = { pools: [{ name: poolName, total }] };
      const problem = await problemOf(real.insist(anyGateway(to), (at) => at.change(code, change)));
      compareProblem(real, problem, isPossible);
      if (isPossible) model.sales.set(code, { ...saleOf(model, code), pool: total });
    },
  });

export const poolName = "HALL";

type Rules = Partial<Pick<Sale, "maxPerOrder" | "maxPerCustomer" | "isPaused">>;

/** @param isFollowed whether what comes next waits until both gateways follow */
const setRules = (drawn: number, to: GatewayNumber, rules: Rules, isFollowed: boolean): ModelCommand =>
  command({
    name: describe(rules),
    check: () => true,
    run: async (model, real) => {
      const code = pickCode(model, drawn);
      real.step(`${describe(rules)} for ${code}${isFollowed ? ", and both gateways follow" : ""}`);
      const via = viaRules(model, code, to);
      const { isPaused, ...limits } = rules;
      const change = { ...limits, ...(isPaused === undefined ? {} : { paused: isPaused }) };
      // A lost answer is repeated to the same gateway, which then certainly knows the rule.
      await real.insist({ ...via, mustBe: true }, (at) => at.change(code, change));
      model.sales.set(code, { ...saleOf(model, code), ...rules });
      model.changedAt.set(code, via.gateway);
      if (!isFollowed) return;
      await real.untilHealed();
      await delay(followMs);
      model.changedAt.delete(code);
    },
  });

function describe({ maxPerOrder, maxPerCustomer, isPaused }: Rules): string {
  if (isPaused !== undefined) return isPaused ? "pause the sale" : "resume the sale";
  return maxPerOrder === undefined
    ? `at most ${maxPerCustomer ?? "any"} tickets per customer`
    : `at most ${maxPerOrder ?? "any"} tickets per order`;
}

const limit = fc.option(fc.integer({ min: 1, max: 5 }));
const rules: fc.Arbitrary<Rules> = fc.oneof(
  limit.map((maxPerOrder) => ({ maxPerOrder })),
  limit.map((maxPerCustomer) => ({ maxPerCustomer })),
  fc.boolean().map((isPaused) => ({ isPaused })),
);

export const saleCommands = {
  total: fc.tuple(place, gateway, fc.constantFrom("A", "B"), fc.nat(10)).map((drawn) => setTotal(...drawn)),
  pool: fc.tuple(place, gateway, fc.nat(12)).map((drawn) => setPool(...drawn)),
  rules: fc.tuple(place, gateway, rules, fc.boolean()).map((drawn) => setRules(...drawn)),
};
