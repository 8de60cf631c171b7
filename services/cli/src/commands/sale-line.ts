import { styleText } from "node:util";
import type { SaleSnapshot } from "@onsale/client";
import { count, time } from "../text.ts";

/** How a sale stands, on one line. */
export function saleLine({ at, inventory, pending, decidedPerSecond }: SaleSnapshot): string {
  const stock = inventory.map(({ ticketType, available, total }) => {
    const left = `${count(available)} of ${count(total)} left`;
    return `${ticketType} ${available === 0 ? styleText("magenta", "sold out") : styleText("green", left)}`;
  });
  const pace = `${count(pending)} pending, ${count(Math.round(decidedPerSecond))}/s decided`;
  return [styleText("dim", time(at)), ...stock, pace].join("  ");
}
