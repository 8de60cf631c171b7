// The state that the commands change, and what the answers of the real installation are compared with.
import type { Demand, ModelOrder, Sale } from "./expect/sale.ts";

export type GatewayNumber = 0 | 1;

/** A purchase that was refused, so that its key is free. */
export type RefusedPurchase = Readonly<{ code: string; key: string; demand: Demand }>;

export type Model = {
  /** Whether the run's faults are injected. */
  readonly hasFaults: boolean;
  /** By the code of the event. */
  readonly sales: Map<string, Sale>;
  readonly orders: ModelOrder[];
  readonly refused: RefusedPurchase[];
  /**
   * Through which gateway the rules of a sale were changed last, while the other one may follow them or not: it has a
   * second for that.
   */
  readonly changedAt: Map<string, GatewayNumber>;
};

/** What is at a place that was drawn without knowing how many there are; undefined when there is nothing. */
export function pickFrom<T>(all: readonly T[], place: number): T | undefined {
  return all[place % Math.max(1, all.length)];
}

/** Replaces an order by what it is now. */
export function setOrder({ orders }: Model, order: ModelOrder): void {
  const index = orders.findIndex(({ id }) => id === order.id);
  orders[index] = order;
}

/** @throws Error when there is no such sale */
export function saleOf({ sales }: Model, code: string): Sale {
  const sale = sales.get(code);
  if (sale === undefined) throw new Error(`the model has no event ${code}`);
  return sale;
}
