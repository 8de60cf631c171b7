import type { Environment } from "@onsale/config/load-config";
import type { Db } from "@onsale/database/client";
import type { Api } from "./api.ts";
import type { CliConfig } from "./config.ts";

/** What commands work with. Nothing is read or opened before a command asks for it. */
export type Parts = Readonly<{
  /** @throws ConfigError */
  config: () => CliConfig;
  environment: () => Environment;
  /** @throws ConfigError */
  client: () => Api;
  /**
   * Runs something on the database, and closes it.
   *
   * @throws CommandError when there is none
   */
  withDatabase: <T>(run: (db: Db) => Promise<T>) => Promise<T>;
  /** Aborted by Ctrl-C. */
  stop: AbortSignal;
  /** Tells a result: as JSON, or as text for people. */
  show: <T>(result: T, toText: (result: T) => string) => void;
  /** Tells people something that is not the result; machines do not see it. */
  note: (text: string) => void;
  /** The command did what it could, and the answer is no: exit code 1. */
  fail: () => void;
}>;
