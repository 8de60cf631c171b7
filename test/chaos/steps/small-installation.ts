// One gateway, one worker and one notifier, each started again when it ends, and a receiver of all webhooks: with one
// process of a kind, a test knows which one does a step.
import { join } from "node:path";
import { webhookTypes } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { findFreePort } from "@onsale/standalone/free-port";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Api, createApi } from "../../support/http/api.ts";
import type { Backend } from "../../support/services/backends.ts";
import { type Environment, projectFolder } from "../../support/services/services.ts";
import { webhookSettings } from "../../support/webhooks/webhooks.ts";
import { unsetClock } from "../stack/clock.ts";
import { type FickleReceiver, startFickleReceiver } from "../stack/receiver.ts";
import { startVictim, type Victim, type VictimKind } from "../stack/victim.ts";

export type SmallInstallation = Readonly<{
  db: Db;
  api: Api;
  victims: Readonly<Record<VictimKind, Victim>>;
  receiver: FickleReceiver;
  /** Has the receiver answer 503 so many times. */
  failPosts: (count: number) => void;
  /** What a service has written to its log so far. */
  logOf: (kind: VictimKind) => string;
}>;

type SmallOptions = Readonly<{
  backend: Backend;
  /** Where a service finds PostgreSQL and Redis; by default itself. */
  connectionsOf?: (kind: VictimKind, direct: Environment) => Promise<Environment>;
}>;

const preload = join(projectFolder, "test", "chaos", "steps", "crash-on-request.ts");
/** What the receiver's dice shows when it answers well, and when it answers 503. */
const [good, failing] = [1, 0.04];

/** Starts it; it is ended as cleanup.ts says. */
export async function startSmallInstallation({ backend, connectionsOf }: SmallOptions): Promise<SmallInstallation> {
  const databaseUrl = await createTestDatabase();
  const direct: Environment = { ...(await backend.start()), DATABASE_URL: databaseUrl };
  let failuresLeft = 0;
  const receiver = await startFickleReceiver(() => (failuresLeft-- > 0 ? failing : good));
  const port = await findFreePort();
  const environment: Environment = {
    ...webhookSettings(),
    CUSTOMER_KEY: Buffer.alloc(32, "steps").toString("base64"),
    NODE_OPTIONS: `--import ${preload}`,
    PORT: String(port),
    // Each partition has a queue, which costs statements while nothing happens.
    PARTITIONS: "2",
  };
  const logs: Record<VictimKind, string> = { gateway: "", worker: "", notifier: "" };
  const start = async (kind: VictimKind) => {
    const own = { ...environment, ...direct, ...(await connectionsOf?.(kind, direct)) };
    const writeLog = (data: Buffer) => {
      logs[kind] += data.toString("utf8");
    };
    return startVictim({ kind, number: 1, environment: own, clock: unsetClock, writeLog });
  };
  const [gateway, worker, notifier] = await Promise.all([start("gateway"), start("worker"), start("notifier")]);
  const api = createApi(`http://127.0.0.1:${port}`);
  await api.post("/api/v1/webhooks", { url: receiver.url, events: [...webhookTypes] });
  return {
    db: connect(databaseUrl, 4),
    api,
    victims: { gateway, worker, notifier },
    receiver,
    failPosts: (count) => {
      failuresLeft = count;
    },
    logOf: (kind) => logs[kind],
  };
}

/** How often a process of the installation has ended although nobody asked it to. */
export function countEnds({ victims }: Pick<SmallInstallation, "victims">): number {
  return Object.values(victims).reduce((sum, victim) => sum + victim.unexpectedEnds(), 0);
}

/** Starts several, which share nothing but the server. */
export function startLanes(options: SmallOptions, count: number): Promise<readonly SmallInstallation[]> {
  return Promise.all(Array.from({ length: count }, () => startSmallInstallation(options)));
}
