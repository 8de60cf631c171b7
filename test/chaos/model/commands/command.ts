// What all commands have in common.
import fc from "fast-check";
import { compareStock } from "../compare.ts";
import type { ModelOrder } from "../expect/sale.ts";
import { type GatewayNumber, type Model, pickFrom } from "../model.ts";
import type { Real, Via } from "../real.ts";

export type ModelCommand = fc.AsyncCommand<Model, Real>;

/** A place in a list of a length that is not known yet. */
export const place = fc.nat(30);
export const gateway: fc.Arbitrary<GatewayNumber> = fc.constantFrom(0, 1);

type Parts = Readonly<{
  /** In few words; what it does to which order is said when it runs. */
  name: string;
  check: (model: Readonly<Model>) => boolean;
  run: (model: Model, real: Real) => Promise<unknown>;
}>;

/** A command, after which the stock is compared. */
export function command({ name, check, run }: Parts): ModelCommand {
  return {
    check,
    run: async (model, real) => {
      await run(model, real);
      await compareStock(model, real);
    },
    toString: () => name,
  };
}

/** A command that does something with one of the orders that are eligible. */
export function orderCommand(
  name: string,
  drawn: number,
  isEligible: (order: ModelOrder) => boolean,
  run: (order: ModelOrder, model: Model, real: Real) => Promise<unknown>,
): ModelCommand {
  return command({
    name,
    check: ({ orders }) => orders.some(isEligible),
    run: async (model, real) => {
      const order = pickFrom(model.orders.filter(isEligible), drawn);
      if (order !== undefined) await run(order, model, real);
    },
  });
}

/** The code of one of the events. */
export function pickCode({ sales }: Model, drawn: number): string {
  const code = pickFrom([...sales.keys()], drawn);
  if (code === undefined) throw new Error("the model has no event");
  return code;
}

/** How a request that depends on the rules of a sale is sent: to a gateway that certainly knows them. */
export function viaRules({ changedAt }: Model, code: string, drawn: GatewayNumber): Via {
  const known = changedAt.get(code);
  return known === undefined ? { gateway: drawn, mustBe: false } : { gateway: known, mustBe: true };
}

export const anyGateway = (drawn: GatewayNumber): Via => ({ gateway: drawn, mustBe: false });

/** An order as the steps name it. */
export const nameOf = ({ key }: Pick<ModelOrder, "key">) => `order ${key}`;
