// How many tickets several ticket types have together.
import type { EventLine, StockLine } from "../../console/messages/messages.ts";

export type Stock = Readonly<{ total: number; sold: number; held: number; expiring: number; available: number }>;

/**
 * Sums several ticket types. A pool bounds what the types that draw on it have together; with several pools the sum may
 * still say more than can be sold.
 */
export function sumStock(lines: readonly StockLine[], pools: EventLine["pools"] = []): Stock {
  const sumOf = (summed: readonly StockLine[], part: keyof Stock) => summed.reduce((all, line) => all + line[part], 0);
  const sum = (part: keyof Stock) => sumOf(lines, part);
  const bounded = (part: "total" | "available") => {
    const bounds = pools.map((pool) => {
      const others = lines.filter((line) => line.pools?.includes(pool.name) !== true);
      return pool[part] + sumOf(others, part);
    });
    return Math.min(sum(part), ...bounds);
  };
  return {
    total: bounded("total"),
    sold: sum("sold"),
    held: sum("held"),
    expiring: sum("expiring"),
    available: bounded("available"),
  };
}

/** Sums the stocks of several events. */
export function addStocks(stocks: readonly Stock[]): Stock {
  const sum = (part: keyof Stock) => stocks.reduce((all, stock) => all + stock[part], 0);
  return {
    total: sum("total"),
    sold: sum("sold"),
    held: sum("held"),
    expiring: sum("expiring"),
    available: sum("available"),
  };
}
