// All that a run needs: PostgreSQL, Redis, services that reach PostgreSQL through proxies, and a webhook receiver.
import { createWriteStream } from "node:fs";
import { webhookTypes } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createDatabaseToKeep } from "../../support/database/database.ts";
import { type OwnPostgres, startOwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { startRedis, type TestRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { type Proxy as DatabaseProxy, startProxy } from "../../support/http/proxy.ts";
import type { Environment } from "../../support/services/services.ts";
import { webhookSettings } from "../../support/webhooks/webhooks.ts";
import { type FickleReceiver, startFickleReceiver } from "./receiver.ts";
import { startVictim, type Victim, type VictimKind, victimKinds } from "./victim.ts";

export type BackendName = "postgres" | "redis";

export type Stack = Readonly<{
  postgres: OwnPostgres;
  /** The database of the services, without a proxy between. */
  databaseUrl: string;
  db: Db;
  redis: TestRedis | undefined;
  victims: readonly Victim[];
  gatewayUrls: readonly [string, string];
  /** One for each service. */
  proxies: readonly DatabaseProxy[];
  receiver: FickleReceiver;
}>;

type StackOptions = Readonly<{
  backend: BackendName;
  random: () => number;
  /** Where the services' logs go. */
  logFile: string;
}>;

const perKind = [1, 2] as const;
/** Enough for all services, and few enough that a fault can use up the rest. */
const connectionsMax = "140";
const ownConnectionsMax = 6;
/** Longer than a receiver is away, and many times: no delivery fails for good. */
const retrySchedule = ["0", ...Array.from({ length: 49 }, (_, number) => (number < 20 ? "0.5" : "5"))].join(",");

/** Starts everything; it is ended as cleanup.ts says. */
export async function startStack({ backend, random, logFile }: StackOptions): Promise<Stack> {
  const log = createWriteStream(logFile, { flags: "a" });
  atEnd(() => log.end());
  const postgres = await startOwnPostgres({ settings: { max_connections: connectionsMax } });
  const databaseUrl = await createDatabaseToKeep("chaos", postgres.url);
  const redis = backend === "redis" ? await startRedis() : undefined;
  const receiver = await startFickleReceiver(random);
  const environment: Environment = {
    ...webhookSettings(),
    WEBHOOK_RETRY_SCHEDULE: retrySchedule,
    CUSTOMER_KEY: Buffer.alloc(32, "chaos").toString("base64"),
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
  };
  const proxies: DatabaseProxy[] = [];
  const start = async (kind: VictimKind, number: number, further: Environment) => {
    const proxy = await startProxy(databaseUrl);
    proxies.push(proxy);
    const own = { ...environment, DATABASE_URL: proxy.url, ...further };
    return startVictim({ kind, number, environment: own, writeLog: (data) => void log.write(data) });
  };
  const ports = [await findFreePort(), await findFreePort()] as const;
  const victims = await Promise.all(
    victimKinds.flatMap((kind) =>
      perKind.map((number, index) => start(kind, number, kind === "gateway" ? { PORT: String(ports[index]) } : {})),
    ),
  );
  const gatewayUrls = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`] as const;
  await createApi(gatewayUrls[0]).post("/api/v1/webhooks", { url: receiver.url, events: [...webhookTypes] });
  const db = connect(databaseUrl, ownConnectionsMax);
  return { postgres, databaseUrl, db, redis, victims, gatewayUrls, proxies, receiver };
}
