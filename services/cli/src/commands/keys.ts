import { styleText } from "node:util";
import type { ApiKeyListing } from "@onsale/database/statements/access/list-api-keys";
import { generateApiKey } from "@onsale/security/api-key";
import { type ApiScope, apiScopes } from "@onsale/security/api-scope";
import { type Command, InvalidArgumentError, Option } from "commander";
import { keyId, moment, personName } from "../arguments.ts";
import { CommandError } from "../failure.ts";
import type { KeyStore } from "../key-store.ts";
import type { Parts } from "../parts.ts";
import { renderFields, renderTable } from "../table.ts";
import { plain, time } from "../text.ts";

type CreateOptions = Readonly<{ name: string; scopes: ApiScope[]; expires?: string; account: string }>;
type CreatedKey = Readonly<{
  id: string;
  name: string;
  account: string;
  scopes: readonly ApiScope[];
  expiresAt: string | null;
  key: string;
}>;

/** An administrator's key is made only for who asks for one. */
const defaultScopes = Object.keys(apiScopes).filter((scope) => scope !== "admin");
/** The account that the first migration makes. */
const defaultAccount = "default";
/** How long gateways may take to hear of it. */
const revokedWithinSeconds = 30;

/** `onsale keys ...`: on the database, because the first key cannot be made with a key. */
export function addKeys(program: Command, parts: Parts): void {
  const keys = program
    .command("keys")
    .description("API keys; these commands need DATABASE_URL, or a running npm start");
  addCreate(keys, parts);
  addListing(keys, parts);
}

const accountOption = () =>
  new Option("--account <name>", "the account that it belongs to").default(defaultAccount).argParser(personName);

function addCreate(keys: Command, { withKeyStore, show, note }: Parts): void {
  keys
    .command("create")
    .description("create a key; it is shown this once")
    .requiredOption("--name <name>", "what it is for, such as shop", personName)
    .addOption(
      new Option("--scopes <scope...>", "what it may do; admin is all of it, audits and metrics")
        .choices(Object.keys(apiScopes))
        .default(defaultScopes, "all but admin"),
    )
    .option("--expires <time>", "when it ends to be valid, such as 2027-12-31T00:00:00Z; else never", futureMoment)
    .addOption(accountOption())
    .action(async ({ name, scopes, expires, account }: CreateOptions) => {
      const { id, hash, key } = generateApiKey();
      const expiresAt = expires === undefined ? null : new Date(expires);
      await withKeyStore(async (store) => {
        const accountId = await requireAccount(store, account);
        await store.createApiKey({ id, accountId, name, hash, scopes: [...new Set(scopes)], expiresAt });
      });
      show({ id, name, account, scopes: [...new Set(scopes)], expiresAt: expires ?? null, key }, renderCreated);
      note("Keep the key: only its hash is stored, so it is not shown again. Use it as ONSALE_API_KEY.");
    });
}

function addListing(keys: Command, { withKeyStore, show, note }: Parts): void {
  keys
    .command("list")
    .description("list an account's keys, the newest first, also those that are not valid any more")
    .addOption(accountOption())
    .action(async ({ account }: { account: string }) => {
      const rows = await withKeyStore(async (store) => store.listApiKeys(await requireAccount(store, account)));
      show(rows, renderKeys);
    });

  keys
    .command("revoke")
    .description("end a key for good")
    .argument("<id>", "its id, as keys list shows it, or the key itself", keyId)
    .action(async (id: string) => {
      const revokedAt = await withKeyStore((store) => store.revokeApiKey(id));
      if (revokedAt === undefined) {
        throw new CommandError(`There is no key with the id ${id}.`, "See which keys there are with: onsale keys list");
      }
      show({ id, revokedAt: revokedAt.toISOString() }, () => `Revoked ${id}.`);
      note(`Gateways stop taking it within ${revokedWithinSeconds} seconds.`);
    });
}

function futureMoment(text: string): string {
  const expires = moment(text);
  if (Date.parse(expires) > Date.now()) return expires;
  throw new InvalidArgumentError("That time has passed, so the key would never be valid.");
}

async function requireAccount(store: KeyStore, name: string): Promise<number> {
  const account = (await store.listAccounts()).find((candidate) => candidate.name === name);
  if (account !== undefined) return account.id;
  throw new CommandError(
    `There is no account with the name ${name}.`,
    "See which there are with: onsale accounts list, or make it with: onsale accounts create NAME",
  );
}

function renderCreated({ id, name, account, scopes, expiresAt, key }: CreatedKey): string {
  return renderFields([
    ["id", id],
    ["name", plain(name)],
    ["account", plain(account)],
    ["scopes", scopes.join(" ")],
    ["expires", expiresAt === null ? "never" : time(expiresAt)],
    ["key", styleText("bold", key)],
  ]);
}

function renderKeys(keys: readonly ApiKeyListing[]): string {
  const columns = ["id", "name", "state", "scopes", "created", "expires", "last used"].map((head) => ({ head }));
  const at = (date: Date | null, otherwise: string) => (date === null ? otherwise : time(date.toISOString()));
  const rows = keys.map((key) => [
    key.id,
    plain(key.name),
    stateOf(key),
    key.scopes.join(" "),
    at(key.createdAt, "–"),
    at(key.expiresAt, "never"),
    at(key.lastUsedAt, "never"),
  ]);
  return renderTable(columns, rows, "There are no keys. Make one with: onsale keys create --name NAME");
}

function stateOf({ revokedAt, expiresAt }: ApiKeyListing): string {
  if (revokedAt !== null) return styleText("red", "revoked");
  return expiresAt !== null && expiresAt <= new Date() ? styleText("yellow", "expired") : styleText("green", "valid");
}
