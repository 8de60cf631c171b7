import type { Command } from "commander";
import { personName } from "../arguments.ts";
import type { WithKeyStore } from "../database/key-store.ts";
import { CommandError } from "../output/failure.ts";
import type { Output } from "../output/output.ts";
import { renderTable } from "../output/table.ts";
import { plain, shellWord, time } from "../output/text.ts";

export type AccountsNeeds = Pick<Output, "show"> & Readonly<{ withKeyStore: WithKeyStore }>;

/** `onsale accounts ...`: uses the database, like `onsale keys`. */
export function addAccounts(program: Command, { withKeyStore, show }: AccountsNeeds): void {
  const accounts = program
    .command("accounts")
    .description("owners of events, orders and keys; these commands need DATABASE_URL, or a running npm start");

  accounts
    .command("create")
    .description("create an account")
    .argument("<name>", "its name", personName)
    .action(async (name: string) => {
      const id = await withKeyStore((store) => store.createAccount(name));
      if (id === undefined) throw new CommandError(`There is already an account with the name ${name}.`);
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
