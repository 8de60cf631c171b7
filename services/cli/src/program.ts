import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { type AccountsNeeds, addAccounts } from "./commands/accounts.ts";
import { type AuditNeeds, addAudit } from "./commands/audit.ts";
import { addCompletion, type CompletionNeeds } from "./commands/completion.ts";
import { addCustomers, type CustomersNeeds } from "./commands/customers.ts";
import { addDoctor, type DoctorNeeds } from "./commands/doctor.ts";
import { type AccessCodesNeeds, addAccessCodes } from "./commands/events/access-codes.ts";
import { addEvents, type EventsNeeds } from "./commands/events/events.ts";
import { addInventory, type InventoryNeeds } from "./commands/events/inventory.ts";
import { addKeys, type KeysNeeds } from "./commands/keys.ts";
import { addOrders, type OrdersNeeds } from "./commands/orders/orders.ts";
import { addWebhooks, type WebhooksNeeds } from "./commands/webhooks/webhooks.ts";

/** What the commands need. They read or open nothing before they run. */
export type ProgramNeeds = EventsNeeds &
  InventoryNeeds &
  AccessCodesNeeds &
  OrdersNeeds &
  CustomersNeeds &
  WebhooksNeeds &
  AuditNeeds &
  KeysNeeds &
  AccountsNeeds &
  DoctorNeeds &
  CompletionNeeds;

/** All commands, in the order of the help. */
export function buildProgram(needs: ProgramNeeds): Command {
  const program = new Command("onsale");
  program
    .description("Onsale's command line: create events, buy tickets, check and run the system.")
    .version(manifest.version, "-V, --version", "show the version")
    .option("--json", "write each result as JSON on one line, for programs")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    // An error of usage is thrown, and printed by `main.ts` as all other errors are.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const ofApi = [addEvents, addInventory, addAccessCodes, addOrders, addCustomers, addWebhooks, addAudit];
  for (const add of [...ofApi, addKeys, addAccounts, addDoctor, addCompletion]) add(program, needs);
  // Every command has --help, so none has `help`, too. Commander does not pass this on to the commands of a command.
  for (const command of program.commands) command.helpCommand(false);
  return program;
}
