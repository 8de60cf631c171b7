import { createTestDatabase } from "../database/database.ts";
import { type Api, createApi } from "../http/api.ts";
import { untilTrue } from "../until.ts";
import type { Backend } from "./backends.ts";
import { type Environment, type Service, startGateway, startWorker } from "./services.ts";

/** Gateways and workers on a new database. */
export type Installation = Readonly<{
  databaseUrl: string;
  /** For further services of the same installation. */
  environment: Environment;
  gateways: readonly Service[];
  workers: readonly Service[];
  /** A client of the first gateway. */
  api: Api;
  /** A client of each gateway. */
  apis: readonly [Api, ...Api[]];
}>;

type Page = Readonly<{ empty: boolean }>;
type Size = Readonly<{ gateways?: number; workers?: number; settings?: Environment }>;

/** Starts gateways and workers; they are ended as cleanup.ts says. */
export async function startInstallation(backend: Backend, size: Size = {}): Promise<Installation> {
  const { gateways: gatewayCount = 1, workers: workerCount = 1, settings = {} } = size;
  const databaseUrl = await createTestDatabase();
  const environment = { ...(await backend.start()), DATABASE_URL: databaseUrl, ...settings };
  const times = (count: number) => Array.from({ length: count });
  const [gateways, workers] = await Promise.all([
    Promise.all(times(gatewayCount).map(() => startGateway(environment))),
    Promise.all(times(workerCount).map(() => startWorker(environment))),
  ]);
  const [first, ...others] = gateways.map((gateway) => createApi(gateway.url));
  if (first === undefined) throw new Error("an installation has a gateway");
  return { databaseUrl, environment, gateways, workers, api: first, apis: [first, ...others] };
}

/** Waits until an event has no pending orders. */
export async function untilAllDecided(api: Api, eventCode: string, timeoutMs = 30_000): Promise<void> {
  const what = `all orders of ${eventCode} are decided`;
  // The audit reads all orders of the event, so that asking it again and again would slow the sale down. The list finds
  // a pending order at once.
  const pending = `/api/v1/orders?event=${encodeURIComponent(eventCode)}&status=PENDING&size=1`;
  await untilTrue(what, async () => (await api.get<Page>(pending)).body.empty, timeoutMs);
  await untilTrue(what, async () => (await api.audit(eventCode)).orders.pending === 0, timeoutMs);
}
