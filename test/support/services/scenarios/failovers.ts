// A sale during which a failover manager promotes standbys again and again.
import { webhookTypes } from "@onsale/contracts/values";
import { checkRun } from "../../../chaos/check/check-run.ts";
import type { Outage } from "../../../chaos/facts.ts";
import { type Call, createHistory } from "../../../chaos/history.ts";
import { createChaosClient } from "../../../chaos/load/client.ts";
import { startCrowd } from "../../../chaos/load/crowd.ts";
import { createSaleEvents } from "../../../chaos/load/sale-events.ts";
import { putOffHolds, readFacts, untilSettled } from "../../../chaos/read-facts.ts";
import { startFickleReceiver } from "../../../chaos/stack/receiver.ts";
import { randomOf } from "../../../demo/crowd.ts";
import { connect } from "../../database/database.ts";
import { type FailoverCluster, startAutoFailover } from "../../database/servers/auto-failover.ts";
import type { Fault } from "../../faults.ts";
import { createApi } from "../../http/api.ts";
import { untilTrue } from "../../until.ts";
import { webhookSettings } from "../../webhooks/webhooks.ts";
import type { Backend } from "../backends.ts";
import { startGateway, startNotifier, startWorker } from "../services.ts";

/** When a primary was killed, when the other server took writes, and when a purchase was accepted again. */
export type Failover = Readonly<{ killedMs: number; promotedMs: number; soldMs: number }>;

export type Failovers = Readonly<{
  failovers: readonly Failover[];
  orderCount: number;
  purchaseCount: number;
  isSettled: boolean;
  violations: readonly Fault[];
}>;

const buyersPerSecond = 20;
/** About as long as the shortest sale, so that an event is cancelled meanwhile, too. */
const seconds = 60;
const soldAgainMaxMs = 30_000;
const settleMaxMs = 120_000;

/**
 * Kills the primary so many times while all kinds of events are on sale, and holds everything that clients and
 * receivers were told against what is left.
 */
export async function sellThroughFailovers(backend: Backend, count: number, seed: number): Promise<Failovers> {
  const cluster = await startAutoFailover();
  const databaseUrl = await cluster.createDatabase("sale");
  const receiver = await startFickleReceiver(randomOf(seed, -4));
  const environment = {
    ...(await backend.start()),
    ...webhookSettings(),
    DATABASE_URL: databaseUrl,
    CUSTOMER_KEY: Buffer.alloc(32, "failover").toString("base64"),
    WEBHOOK_RETRY_SCHEDULE: Array.from({ length: 50 }, () => "1").join(","),
  };
  const [one, two] = await Promise.all([
    startGateway(environment),
    startGateway(environment),
    startWorker(environment),
    startWorker(environment),
    startNotifier(environment),
  ]);
  const urls = [one.url, two.url] as const;
  await createApi(one.url).post("/api/v1/webhooks", { url: receiver.url, events: [...webhookTypes] });

  const db = connect(databaseUrl, 6);
  const history = createHistory();
  const client = createChaosClient(urls, history, randomOf(seed, -5));
  const events = await createSaleEvents(client.gateways[0], "FAILOVER", buyersPerSecond * seconds);
  const stage = { client, history, urls, db, leaverShare: 0 };
  const crowd = startCrowd({ stage, events, seed, rate: buyersPerSecond, seconds });
  const failovers: Failover[] = [];
  while (failovers.length < count) failovers.push(await failOver(cluster, history.calls));
  await crowd.stop();

  const isSettled = await untilSettled(db, settleMaxMs);
  await putOffHolds(db);
  const facts = await readFacts({
    db,
    gateway: client.gateways[0],
    eventCodes: events.map(({ code }) => code),
    received: () => receiver.facts,
    outages: failovers.map(outageOf),
    plentyEvents: events.flatMap(({ code, kind }) => (kind.isPlenty ? code : [])),
    cancelledEvents: crowd.cancelled,
    showTask: () => undefined,
  });
  const purchaseCount = history.calls.filter((call) => call.ask.kind === "purchase").length;
  const violations = checkRun(history.calls, facts);
  return { failovers, orderCount: facts.orders.length, purchaseCount, isSettled, violations };
}

/** Ends the primary's machine, waits until purchases are accepted again, and starts it as a standby. */
async function failOver(cluster: FailoverCluster, calls: readonly Call[]): Promise<Failover> {
  const { primary, standby } = await cluster.untilSynchronous();
  const killedMs = performance.now();
  await primary.kill();
  await cluster.untilWritable(standby);
  const promotedMs = performance.now();
  const soldAt = () => calls.find((call) => call.beganMs > killedMs && isAccepted(call))?.endedMs;
  await untilTrue("a purchase is accepted again", () => soldAt() !== undefined, soldAgainMaxMs);
  primary.start();
  return { killedMs, promotedMs, soldMs: soldAt() ?? Number.NaN };
}

/** Whether a purchase was recorded just now; a key that was used before may be answered from memory. */
function isAccepted({ ask: { kind }, result }: Call): boolean {
  return kind === "purchase" && result.kind === "order" && !result.isReplayed;
}

/** Every failover can keep a hold from its end. */
function outageOf({ killedMs, soldMs }: Failover): Outage {
  return { fromMs: performance.timeOrigin + killedMs, toMs: performance.timeOrigin + soldMs };
}
