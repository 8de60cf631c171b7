import { Command } from "commander";
import { addAccounts } from "./commands/accounts.ts";
import { addAudit } from "./commands/audit.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvents } from "./commands/events.ts";
import { addInventory } from "./commands/inventory.ts";
import { addKeys } from "./commands/keys.ts";
import { addOrders } from "./commands/orders.ts";
import { addWebhooks } from "./commands/webhooks.ts";
import type { Parts } from "./parts.ts";

/** All commands; nothing is done before it parses an argv. */
export function buildProgram(parts: Parts): Command {
  const program = new Command("onsale");
  program
    .description("Onsale's command line: sell tickets, look at them, run the system.")
    .option("--json", "write results as JSON, one per line, for machines")
    .helpCommand(false)
    .showHelpAfterError("(--help shows how it is used)")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride();
  for (const add of [addEvents, addInventory, addOrders, addWebhooks, addAudit, addKeys, addAccounts, addDoctor])
    add(program, parts);
  return program;
}
