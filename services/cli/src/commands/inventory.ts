import type { Inventory } from "@onsale/contracts/inventory";
import type { Command } from "commander";
import { type ApiSource, call, pathOf } from "../api/call.ts";
import { eventCode, ticketTotal, ticketType } from "../arguments.ts";
import type { Output } from "../output/output.ts";
import { renderTable } from "../output/table.ts";
import { count } from "../output/text.ts";
import { addRuleOptions, type RuleOptions, rulesOf } from "./event-rules.ts";

export type InventoryNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

/** `onsale inventory ...` */
export function addInventory(program: Command, { api, show }: InventoryNeeds): void {
  const inventory = program.command("inventory").description("stock per ticket type");

  inventory
    .command("show")
    .description("show an event's stock")
    .argument("<event>", "the event's code", eventCode)
    .action(async (code: string) => {
      const request = { method: "GET", path: pathOf("inventory", code) } as const;
      show(await call(api(), request, "Stock"), renderStock);
    });

  const set = inventory
    .command("set")
    .description("set the total of a ticket type, which may be new, and its rules")
    .argument("<event>", "the event's code", eventCode)
    .argument("<type>", "the ticket type, such as STANDARD", ticketType)
    .argument("<total>", "how many tickets there are in all", ticketTotal);
  addRuleOptions(set, "this type is").action(async (code: string, type: string, total: number, rules: RuleOptions) => {
    const request = {
      method: "PUT",
      path: pathOf("inventory", code, type),
      body: { total, ...rulesOf(rules) },
    } as const;
    show(await call(api(), request, "Inventory"), (stock) => renderStock([stock]));
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
