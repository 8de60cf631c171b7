import { styleText } from "node:util";
import type { ApiKeyListing } from "@onsale/database/statements/access/list-api-keys";
import { generateApiKey } from "@onsale/security/api-key";
import { type ApiScope, apiScopes } from "@onsale/security/api-scope";
import { type Command, InvalidArgumentError, Option } from "commander";
import { keyId, personName } from "../arguments.ts";
import type { KeyStore, WithKeyStore } from "../database/key-store.ts";
import { moment } from "../moment.ts";
import { CommandError } from "../output/failure.ts";
import type { Output } from "../output/output.ts";
import { renderFields, renderTable } from "../output/table.ts";
import { plain, time } from "../output/text.ts";

type CreateOptions = Readonly<{ name: string; scopes: ApiScope[]; expires?: string; account: string }>;
type CreatedKey = Readonly<{
  id: string;
  name: string;
  account: string;
  scopes: readonly ApiScope[];
  expiresAt: string | null;
  key: string;
}>;

/** The scope `admin` has to be asked for. */
const defaultScopes = Object.keys(apiScopes).filter((scope) => scope !== "admin");
/** The account that the first migration makes. */
const defaultAccount = "default";
/** Gateways remember a key that they have checked for up to this long. */
const revokedWithinSeconds = 30;

export type KeysNeeds = Pick<Output, "show" | "note"> & Readonly<{ withKeyStore: WithKeyStore }>;

/** `onsale keys ...`: uses the database instead of the API, because nobody has a key before the first one. */
export function addKeys(program: Command, needs: KeysNeeds): void {
  const keys = program
    .command("keys")
    .description("API keys; these commands need DATABASE_URL, or a running npm start");
  addCreate(keys, needs);
  addList(keys, needs);
  addRevoke(keys, needs);
}

const accountOption = () =>
  new Option("--account <name>", "the account that it belongs to").default(defaultAccount).argParser(personName);

function addCreate(keys: Command, { withKeyStore, show, note }: KeysNeeds): void {
  keys
    .command("create")
    .description("create a key; it is shown only once")
    .requiredOption("--name <name>", "what it is for, such as shop", personName)
    .addOption(
      new Option("--scopes <scope...>", "what it may do; admin includes all others, audits and metrics")
        .choices(Object.keys(apiScopes))
        .default(defaultScopes, "all but admin"),
    )
    .option("--expires <time>", "when it expires, such as 2027-12-31T00:00:00Z; never if not given", futureMoment)
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

function addList(keys: Command, { withKeyStore, show }: KeysNeeds): void {
  keys
    .command("list")
    .description("list an account's keys, the newest first, including those that are revoked or expired")
    .addOption(accountOption())
    .action(async ({ account }: { account: string }) => {
      const rows = await withKeyStore(async (store) => store.listApiKeys(await requireAccount(store, account)));
      show(rows, renderKeys);
    });
}

function addRevoke(keys: Command, { withKeyStore, show, note }: KeysNeeds): void {
  keys
    .command("revoke")
    .description("revoke a key for good")
    .argument("<id>", "its id, as keys list shows it, or the key itself", keyId)
    .action(async (id: string) => {
      const revokedAt = await withKeyStore((store) => store.revokeApiKey(id));
      if (revokedAt === undefined) {
        throw new CommandError(`There is no key with the id ${id}.`, "List the keys with: onsale keys list");
      }
      show({ id, revokedAt: revokedAt.toISOString() }, () => `Revoked ${id}.`);
      note(`Gateways refuse it within ${revokedWithinSeconds} seconds.`);
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
    "List the accounts with: onsale accounts list, or create it with: onsale accounts create NAME",
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
