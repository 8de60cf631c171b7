// All that a run needs: PostgreSQL, Redis, services that reach and are reached through proxies, and a webhook receiver.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { webhookTypes } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../support/cleanup.ts";
import { connect, createDatabaseToKeep } from "../../support/database/database.ts";
import { createOwnPostgres, type OwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { mountSmallDisk, moveWal, type SmallDisk, withoutMounts } from "../../support/database/servers/small-disk.ts";
import { startRedis, type TestRedis } from "../../support/external/redis.ts";
import { createApi } from "../../support/http/api.ts";
import { startProxy, type Proxy as TcpProxy } from "../../support/http/proxy.ts";
import type { Environment } from "../../support/services/services.ts";
import { webhookSettings } from "../../support/webhooks/webhooks.ts";
import { createClock } from "./clock.ts";
import { type FickleReceiver, startFickleReceiver } from "./receiver.ts";
import { startVictim, type Victim, type VictimKind, victimKinds } from "./victim.ts";

export type BackendName = "postgres" | "redis";

export type Stack = Readonly<{
  postgres: OwnPostgres;
  /** The database of the services, without a proxy between. */
  databaseUrl: string;
  db: Db;
  /** Has PostgreSQL's WAL; undefined where nobody may mount a file system. */
  walDisk: SmallDisk | undefined;
  redis: TestRedis | undefined;
  victims: readonly Victim[];
  /** Those of the proxies before them. */
  gatewayUrls: readonly [string, string];
  /** One for each gateway. */
  gatewayProxies: readonly TcpProxy[];
  /** One for each service. */
  postgresProxies: readonly TcpProxy[];
  /** The same; empty without Redis. */
  redisProxies: readonly TcpProxy[];
  receiver: FickleReceiver;
}>;

type StackOptions = Readonly<{
  backend: BackendName;
  random: () => number;
  /** Gets the services' logs; it exists. */
  folder: string;
  /** Further settings of every service. */
  settings?: Environment;
}>;

const perKind = [1, 2] as const;
/** Enough for all services, and few enough that a fault can use up the rest. */
const serverSettings = { max_connections: "140", min_wal_size: "32MB", max_wal_size: "96MB" };
/** PostgreSQL keeps more than `max_wal_size` at times. */
const walDiskMegabytes = 320;
const ownConnectionsMax = 6;
const endpointCount = 4;
/** Longer than a receiver is away, and many times: no delivery fails for good. */
const retrySchedule = ["0", ...Array.from({ length: 49 }, (_, number) => (number < 20 ? "0.5" : "5"))].join(",");

/** Starts everything; it is ended as cleanup.ts says. */
export async function startStack({ backend, random, folder, settings }: StackOptions): Promise<Stack> {
  const log = createWriteStream(join(folder, "services.log"), { flags: "a" });
  atEnd(() => log.end());
  const { postgres, walDisk } = await startPostgres();
  const databaseUrl = await createDatabaseToKeep("chaos", postgres.url);
  const redis = backend === "redis" ? await startRedis() : undefined;
  const receiver = await startFickleReceiver(random);
  const environment: Environment = {
    ...webhookSettings(),
    WEBHOOK_RETRY_SCHEDULE: retrySchedule,
    CUSTOMER_KEY: Buffer.alloc(32, "chaos").toString("base64"),
    ...settings,
  };
  const postgresProxies: TcpProxy[] = [];
  const redisProxies: TcpProxy[] = [];
  const addProxy = async (proxies: TcpProxy[], url: string) => {
    const proxy = await startProxy(url);
    proxies.push(proxy);
    return proxy.url;
  };
  const start = async (kind: VictimKind, number: number, further: Environment) => {
    const own: Environment = {
      ...environment,
      DATABASE_URL: await addProxy(postgresProxies, databaseUrl),
      ...(redis === undefined ? {} : { REDIS_URL: await addProxy(redisProxies, redis.url) }),
      ...further,
    };
    const clock = createClock(join(folder, `clock-${kind}-${number}`));
    return startVictim({ kind, number, environment: own, clock, writeLog: (data) => void log.write(data) });
  };
  const ports = [await findFreePort(), await findFreePort()] as const;
  // The second one refuses purchases without a chance before they are recorded, as by default.
  const ofGateways = [
    { PORT: String(ports[0]), SOLD_OUT: "record" },
    { PORT: String(ports[1]), SOLD_OUT: "refuse" },
  ];
  const victims = await Promise.all(
    victimKinds.flatMap((kind) =>
      perKind.map((number, index) => start(kind, number, kind === "gateway" ? { ...ofGateways[index] } : {})),
    ),
  );
  const gatewayProxies = [await startGatewayProxy(ports[0]), await startGatewayProxy(ports[1])] as const;
  const gatewayUrls = [originOf(gatewayProxies[0]), originOf(gatewayProxies[1])] as const;
  await addEndpoints(gatewayUrls[0], receiver.url);
  const db = connect(databaseUrl, ownConnectionsMax);
  return {
    postgres,
    databaseUrl,
    db,
    walDisk,
    redis,
    victims,
    gatewayUrls,
    gatewayProxies,
    postgresProxies,
    redisProxies,
    receiver,
  };
}

/** Several, so that both notifiers have work; each fact goes to one of them. */
async function addEndpoints(gatewayUrl: string, url: string): Promise<void> {
  const { post } = createApi(gatewayUrl);
  for (let first = 0; first < endpointCount; first++) {
    const events = webhookTypes.filter((_, index) => index % endpointCount === first);
    await post("/api/v1/webhooks", { url, events });
  }
}

const startGatewayProxy = (port: number) => startProxy(`http://127.0.0.1:${port}`);
const originOf = ({ url }: TcpProxy) => new URL(url).origin;

/** A server whose WAL is on a disk that can be filled, where that is possible. */
async function startPostgres(): Promise<Pick<Stack, "postgres" | "walDisk">> {
  // The disk first, so that it is there until the server has stopped.
  const walDisk = withoutMounts === false ? mountSmallDisk(walDiskMegabytes) : undefined;
  const postgres = await createOwnPostgres({ settings: serverSettings });
  if (walDisk !== undefined) moveWal(postgres, walDisk.folder);
  await postgres.start();
  return { postgres, walDisk };
}
