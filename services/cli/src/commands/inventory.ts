import { Inventory } from "@onsale/contracts/inventory";
import type { Command } from "commander";
import { Type } from "typebox";
import { call, pathOf } from "../api.ts";
import { eventCode, ticketTotal, ticketType } from "../arguments.ts";
import type { Parts } from "../parts.ts";
import { renderTable } from "../table.ts";
import { count } from "../text.ts";

/** `onsale inventory ...` */
export function addInventory(program: Command, { client, show }: Parts): void {
  const inventory = program.command("inventory").description("stock per ticket type");

  inventory
    .command("show")
    .description("show an event's stock")
    .argument("<event>", "the event's code", eventCode)
    .action(async (code: string) => {
      const request = { method: "GET", path: pathOf("inventory", code) } as const;
      show(await call(client(), request, Type.Array(Inventory)), renderStock);
    });

  inventory
    .command("set")
    .description("set how many tickets of a type there are, also of a new type")
    .argument("<event>", "the event's code", eventCode)
    .argument("<type>", "the ticket type, such as STANDARD", ticketType)
    .argument("<total>", "how many there are in all", ticketTotal)
    .action(async (code: string, type: string, total: number) => {
      const request = { method: "PUT", path: pathOf("inventory", code, type), body: { total } } as const;
      show(await call(client(), request, Inventory), (stock) => renderStock([stock]));
    });
}

function renderStock(stocks: readonly Inventory[]): string {
  const figures = ["total", "sold", "held", "available"] as const;
  const columns = [{ head: "ticket type" }, ...figures.map((head) => ({ head, isFigure: true }))];
  const rows = stocks.map((stock) => [stock.ticketType, ...figures.map((name) => count(stock[name]))]);
  return renderTable(
    columns,
    rows,
    "The event has no tickets yet. Add some with: onsale inventory set CODE TYPE TOTAL",
  );
}
