// The events of a run: each with two ticket types, few tickets, and rules or none.
import fc from "fast-check";
import { RefusedError } from "../../demo/gateway.ts";
import { poolName } from "./commands/change-sale.ts";
import type { Sale } from "./expect/sale.ts";
import type { Model } from "./model.ts";
import type { Real } from "./real.ts";

export type SaleShape = Omit<Sale, "code" | "isPaused">;

const times = { startTime: "2035-06-01T19:00:00Z", endTime: "2035-06-01T23:00:00Z" };

const shape: fc.Arbitrary<SaleShape> = fc.record({
  totals: fc.record({ A: fc.nat(10), B: fc.nat(8) }),
  pool: fc.option(fc.nat(12)),
  maxPerOrder: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 1 }),
  maxPerCustomer: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 1 }),
});

/** One event or two. */
export const saleShapes = fc.array(shape, { minLength: 1, maxLength: 2 });

/** Creates the events, and the model of them. */
export async function openSales(real: Real, shapes: readonly SaleShape[], hasFaults: boolean): Promise<Model> {
  const sales = new Map<string, Sale>();
  for (const [index, { totals, pool, ...limits }] of shapes.entries()) {
    const code = `${real.prefix}-EVENT-${index + 1}`;
    const pools = pool === null ? {} : { pools: [{ name: poolName, total: pool }] };
    const drawsOn = pool === null ? {} : { pools: [poolName] };
    const ticketTypes = Object.entries(totals).map(([ticketType, total]) => ({ ticketType, total, ...drawsOn }));
    const event = { code, name: "Model", ...times, ...limits, ...pools, ticketTypes };
    await real.insist({ gateway: 0, mustBe: false }, (gateway) => gateway.createEvent(event)).catch(isCreated);
    sales.set(code, { code, totals, pool, ...limits, isPaused: false });
    const { maxPerOrder, maxPerCustomer } = limits;
    real.step(
      `${code} has ${totals.A} A and ${totals.B} B, ${pool === null ? "no pool" : `a pool of ${pool}`}, at most ` +
        `${maxPerOrder ?? "any"} tickets per order and ${maxPerCustomer ?? "any"} per customer`,
    );
  }
  return { hasFaults, sales, orders: [], refused: [], changedAt: new Map() };
}

/** An attempt whose answer was lost has created it. */
function isCreated(error: unknown): void {
  if (!(error instanceof RefusedError && error.code === "event-exists")) throw error;
}
