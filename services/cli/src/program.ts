import { Command } from "commander";
import { type AccountsNeeds, addAccounts } from "./commands/accounts.ts";
import { type AuditNeeds, addAudit } from "./commands/audit.ts";
import { addCustomers, type CustomersNeeds } from "./commands/customers.ts";
import { addDoctor, type DoctorNeeds } from "./commands/doctor.ts";
import { addEvents, type EventsNeeds } from "./commands/events.ts";
import { addInventory, type InventoryNeeds } from "./commands/inventory.ts";
import { addKeys, type KeysNeeds } from "./commands/keys.ts";
import { addOrders, type OrdersNeeds } from "./commands/orders.ts";
import { addWebhooks, type WebhooksNeeds } from "./commands/webhooks.ts";

/** What the commands need. They read or open nothing before they run. */
export type ProgramNeeds = EventsNeeds &
  InventoryNeeds &
  OrdersNeeds &
  CustomersNeeds &
  WebhooksNeeds &
  AuditNeeds &
  KeysNeeds &
  AccountsNeeds &
  DoctorNeeds;

/** All commands, in the order of the help. */
export function buildProgram(needs: ProgramNeeds): Command {
  const program = new Command("onsale");
  program
    .description("Onsale's command line: create events, buy tickets, check and run the system.")
    .option("--json", "write results as JSON, one per line, for machines")
    .helpCommand(false)
    .showHelpAfterError("(--help shows how it is used)")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride();
  const ofApi = [addEvents, addInventory, addOrders, addCustomers, addWebhooks, addAudit];
  for (const add of [...ofApi, addKeys, addAccounts, addDoctor]) add(program, needs);
  return program;
}
