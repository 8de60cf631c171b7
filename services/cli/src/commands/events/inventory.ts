// `onsale inventory ...`
import type { Inventory } from "@onsale/contracts/inventory";
import { ticketTotalMax } from "@onsale/contracts/values";
import type { Command } from "commander";
import { type ApiSource, call, callWithHidden, pathOf } from "../../api/call.ts";
import { eventCode, personName, poolNames, ticketTotal, ticketType, wholeNumber } from "../../arguments.ts";
import type { Output } from "../../output/output.ts";
import { renderTable } from "../../output/table.ts";
import { count } from "../../output/text.ts";
import { addRuleOptions, type RuleOptions, rulesOf } from "./event-rules.ts";

type SetOptions = RuleOptions & Readonly<{ pools?: readonly string[]; hidden?: boolean }>;

export type InventoryNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

/** `onsale inventory ...` */
export function addInventory(program: Command, needs: InventoryNeeds): void {
  const inventory = program.command("inventory").description("stock per ticket type");
  const { api, show } = needs;

  inventory
    .command("show")
    .description("show an event's stock")
    .argument("<event>", "the event's code", eventCode)
    .action(async (code: string) => {
      show(await callWithHidden(api(), pathOf("inventory", code), "Stock"), renderStock);
    });

  addSet(inventory, needs);
  addMove(inventory, needs);
}

function addSet(inventory: Command, { api, show }: InventoryNeeds): void {
  const set = inventory
    .command("set")
    .description("set the total of a ticket type, which may be new, and its rules")
    .argument("<event>", "the event's code", eventCode)
    .argument("<type>", "the ticket type, such as STANDARD", ticketType)
    .argument("<total>", "how many tickets there are in all", ticketTotal);
  addRuleOptions(set, "this type is")
    .option("--pools <name...>", "all pools of the event that it draws on; none for no pool", poolNames)
    .option("--hidden", "sell and show it with an access code only")
    .option("--no-hidden", "sell it to everybody")
    .action(async (code: string, type: string, total: number, { pools, hidden, ...rules }: SetOptions) => {
      const visibility = hidden === undefined ? undefined : hidden ? "code" : "public";
      const body = { total, ...rulesOf(rules), pools, visibility };
      const request = { method: "PUT", path: pathOf("inventory", code, type), body } as const;
      show(await call(api(), request, "Inventory"), (stock) => renderStock([stock]));
    });
}

function addMove(inventory: Command, { api, show }: InventoryNeeds): void {
  inventory
    .command("move")
    .description("move tickets that nobody has from one ticket type to another")
    .argument("<event>", "the event's code", eventCode)
    .argument("<from>", "the ticket type that gets fewer tickets", ticketType)
    .argument("<to>", "the ticket type that gets more", ticketType)
    .argument("<quantity>", "how many tickets", wholeNumber(1, ticketTotalMax))
    .requiredOption("--reason <text>", "why, for the ledger and the activity log", personName)
    .action(async (code: string, from: string, to: string, quantity: number, { reason }: { reason: string }) => {
      const body = { from, to, quantity, reason };
      const request = { method: "POST", path: pathOf("inventory", code, "move"), body } as const;
      show(await call(api(), request, "Stock"), renderStock);
    });
}

function renderStock(stocks: readonly Inventory[]): string {
  const figures = ["total", "sold", "held", "available"] as const;
  const columns = [
    { head: "ticket type" },
    ...figures.map((head) => ({ head, isFigure: true })),
    { head: "limited by" },
  ];
  const rows = stocks.map((stock) => [
    stock.ticketType,
    ...figures.map((name) => count(stock[name])),
    stock.limitedBy ?? "",
  ]);
  return renderTable(
    columns,
    rows,
    "The event has no tickets yet. Add some with: onsale inventory set CODE TYPE TOTAL",
  );
}
