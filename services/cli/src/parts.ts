import type { Environment } from "@onsale/config/load-config";
import type { Api } from "./api.ts";
import type { CliConfig } from "./config.ts";
import type { KeyStore } from "./key-store.ts";

/** What commands work with. Nothing is read or opened before a command asks for it. */
export type Parts = Readonly<{
  /** @throws ConfigError */
  config: () => CliConfig;
  environment: () => Environment;
  /** @throws ConfigError */
  client: () => Api;
  /**
   * Runs something on the keys and accounts in the database, and closes that.
   *
   * @throws CommandError when there is none
   */
  withKeyStore: <T>(run: (store: KeyStore) => Promise<T>) => Promise<T>;
  /** Aborted by Ctrl-C. */
  stop: AbortSignal;
  /** Tells a result: as JSON, or as text for people. */
  show: <T>(result: T, toText: (result: T) => string) => void;
  /** Tells people something that is not the result; machines do not see it. */
  note: (text: string) => void;
  /** The command did what it could, and the answer is no: exit code 1. */
  fail: () => void;
}>;
