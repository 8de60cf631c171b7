// Connections to the primary among several servers. node-postgres knows one host; libpq's `target_session_attrs` is
// done here. PostgreSQL tells with the start of each session whether it takes writes, so nothing is asked for.
import { EventEmitter } from "node:events";
import type { DatabaseServer } from "@onsale/config/database-url";
import pg from "pg";
import {
  createPrimary,
  isAnswer,
  NoPrimaryError,
  NoWritesError,
  type Primary,
  type PrimaryOptions,
} from "./primary.ts";

/** Less than a pool's patience, so that what is known of a server that does not answer is forgotten. */
const connectMaxMs = 2_500;

type ConnectCallback = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** Why connecting to the known primary failed; the next connection looks for another one. */
export class LostPrimaryError extends NoPrimaryError {
  override name = "LostPrimaryError";
}

/** Looks for the primary among the servers of a URL, with short connections that are configured like the later ones. */
export function findPrimary(
  servers: readonly DatabaseServer[],
  config: pg.ClientConfig,
  onMoved: PrimaryOptions["onMoved"],
): Primary {
  const ask = async ({ url }: DatabaseServer) => {
    const client = new pg.Client({ ...config, connectionString: url, connectionTimeoutMillis: connectMaxMs });
    const whyNoWrites = watchWrites(client);
    client.on("error", () => undefined);
    await client.connect();
    void client.end().catch(() => undefined);
    requireWrites(whyNoWrites());
  };
  return createPrimary(servers, { ask, onMoved });
}

/** Makes the class of clients that connect to the primary, wherever it is when they connect. */
export function primaryClient(primary: Primary): new (config?: pg.ClientConfig) => pg.Client {
  return class PrimaryClient extends pg.Client {
    #brokenBy: Error | undefined;

    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: connectMaxMs });
      // A server that dies may say so with the end of the login, before whoever connects can listen.
      this.on("error", (error) => {
        this.#brokenBy ??= error;
      });
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: ConnectCallback): void;
    override connect(callback?: ConnectCallback): Promise<pg.Client> | undefined {
      const connected = this.#connect();
      if (callback === undefined) return connected;
      const answer = (...result: readonly unknown[]) => void Reflect.apply(callback, undefined, result);
      connected.then((client) => answer(null, client), answer);
      return undefined;
    }

    async #connect(): Promise<pg.Client> {
      const server = await primary.find();
      const { host, port } = server;
      Object.assign(this, { host, port });
      // A password file is searched for the host of these.
      if ("connectionParameters" in this) Object.assign(Object(this.connectionParameters), { host, port });
      const whyNoWrites = watchWrites(this);
      try {
        await super.connect();
        if (this.#brokenBy !== undefined) throw this.#brokenBy;
        requireWrites(whyNoWrites());
        return this;
      } catch (error) {
        if (error instanceof NoWritesError) void this.end().catch(() => undefined);
        if (isAnswer(error)) throw error;
        primary.forget(server);
        throw new LostPrimaryError([{ server, error }]);
      }
    }
  };
}

/** @returns a function that says, once the client is connected, why its session takes no writes */
function watchWrites(client: pg.Client): () => string | undefined {
  const reported = new Map<string, string>();
  if ("connection" in client && client.connection instanceof EventEmitter) {
    type Status = Readonly<{ parameterName: string; parameterValue: string }>;
    client.connection.on("parameterStatus", ({ parameterName, parameterValue }: Status) => {
      reported.set(parameterName, parameterValue);
    });
  }
  return () => {
    if (reported.get("in_hot_standby") === "on") return "is a standby";
    return reported.get("default_transaction_read_only") === "on" ? "is read-only" : undefined;
  };
}

function requireWrites(whyNot: string | undefined): void {
  if (whyNot !== undefined) throw new NoWritesError(whyNot);
}
