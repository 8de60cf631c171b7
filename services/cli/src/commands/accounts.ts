import type { Command } from "commander";
import { personName } from "../arguments.ts";
import { CommandError } from "../failure.ts";
import type { Parts } from "../parts.ts";
import { renderTable } from "../table.ts";
import { plain, shellWord, time } from "../text.ts";

/** `onsale accounts ...`: on the database, as `keys` are. */
export function addAccounts(program: Command, { withKeyStore, show }: Parts): void {
  const accounts = program
    .command("accounts")
    .description("who owns events, orders and keys; these commands need DATABASE_URL, or a running npm start");

  accounts
    .command("create")
    .description("create an account")
    .argument("<name>", "its name", personName)
    .action(async (name: string) => {
      const id = await withKeyStore((store) => store.createAccount(name));
      if (id === undefined) throw new CommandError(`There is an account with the name ${name} already.`);
      const next = `onsale keys create --account ${shellWord(name)} --name NAME`;
      show({ id, name }, () => `Created ${plain(name)}. Give it a key with: ${next}`);
    });

  accounts
    .command("list")
    .description("list the accounts, the oldest first")
    .action(async () =>
      show(await withKeyStore((store) => store.listAccounts()), (rows) =>
        renderTable(
          [{ head: "id", isFigure: true }, { head: "name" }, { head: "created" }],
          rows.map(({ id, name, createdAt }) => [String(id), plain(name), time(createdAt.toISOString())]),
          "There are no accounts.",
        ),
      ),
    );
}
