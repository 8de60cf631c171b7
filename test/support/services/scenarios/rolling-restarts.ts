// Gateways on fixed ports that are restarted one after the other under load, as a new version is rolled out.
import { findFreePort } from "@onsale/standalone/free-port";
import { type Api, createApi, newKey, readMetric } from "../../http/api.ts";
import { untilTrue } from "../../until.ts";
import { type Environment, type Service, startGateway } from "../services.ts";

/** A gateway that listens on the same port after each restart. */
export type RestartingGateway = Readonly<{
  url: string;
  start: () => Promise<void>;
  /** Sends SIGTERM, and resolves with the exit code. */
  stop: () => Promise<number | null>;
  kill: () => Promise<void>;
}>;

/** Starts two gateways; like all services, they end with the test that starts them. */
export async function createRestartingGateways(
  environment: Environment,
): Promise<readonly [RestartingGateway, RestartingGateway]> {
  const first = await createRestartingGateway(environment);
  const second = await createRestartingGateway(environment);
  await Promise.all([first.start(), second.start()]);
  return [first, second];
}

async function createRestartingGateway(environment: Environment): Promise<RestartingGateway> {
  const port = await findFreePort();
  let service: Service | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    start: async () => {
      service = await startGateway({ ...environment, PORT: String(port) });
    },
    stop: async () => (await service?.stop()) ?? null,
    kill: async () => service?.kill(),
  };
}

const clientCount = 6;
const pauseMs = 50;

export type Load = Readonly<{
  answeredCount: () => number;
  /** Ends the load, and returns each request that failed: its method and status, or the error. */
  end: () => Promise<readonly string[]>;
}>;

/** Buys, reads and long-polls from several clients, which never repeat a request. */
export function startLoad(api: Api, eventCode: string): Load {
  let isEnding = false;
  let answeredCount = 0;
  const failures: string[] = [];

  async function request(number: number): Promise<number> {
    if (number % 3 === 0) return (await api.get(`/api/v1/inventory/${eventCode}`)).status;
    const wait = number % 3 === 1 ? { waitSeconds: 2 } : {};
    return (await api.purchase({ eventCode, key: newKey(), ...wait })).status;
  }

  async function runClient(first: number): Promise<void> {
    for (let number = first; !isEnding; number++) {
      try {
        const status = await request(number);
        answeredCount++;
        if (status !== 200 && status !== 202) failures.push(`${status}`);
      } catch (error) {
        failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  const clients = Promise.all(Array.from({ length: clientCount }, (_, number) => runClient(number)));
  return {
    answeredCount: () => answeredCount,
    end: async () => {
      isEnding = true;
      await clients;
      return failures;
    },
  };
}

const purchaseLabels = `{method="POST",route="/api/v1/orders/purchase",status="202"}`;
const purchaseCount = `http_server_request_duration_seconds_count${purchaseLabels}`;

/** Restarts the gateways in turn, each once the load reaches the one before again. */
export async function rollRestarts(gateways: readonly RestartingGateway[], count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const gateway = gateways[number % gateways.length];
    if (gateway === undefined) throw new Error("there is no gateway");
    const exitCode = await gateway.stop();
    if (exitCode !== 0) throw new Error(`the gateway ended with ${exitCode}`);
    await gateway.start();
    const isUsed = async () => (await readMetric(`${gateway.url}/metrics`, purchaseCount)) > 0;
    await untilTrue("the proxy uses the restarted gateway", isUsed, 30_000);
  }
}

/** Buys a ticket through the proxy while gateways restart behind it, and returns what failed. */
export async function sellDuringRestarts(
  proxyUrl: string,
  gateways: readonly RestartingGateway[],
  restartCount: number,
): Promise<Readonly<{ failures: readonly string[]; answeredCount: number }>> {
  const api = createApi(proxyUrl);
  const eventCode = await api.createEvent({ STANDARD: 1_000_000 });
  const load = startLoad(api, eventCode);
  await rollRestarts(gateways, restartCount);
  const failures = await load.end();
  await untilTrue("all orders are decided", async () => (await api.audit(eventCode)).orders.pending === 0, 30_000);
  await api.assertSound(eventCode);
  return { failures, answeredCount: load.answeredCount() };
}
