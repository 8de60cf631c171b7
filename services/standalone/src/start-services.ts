// Starts the services: says which of them gets which environment, and how many processes of each there are.
import { join } from "node:path";
import type { Environment } from "@onsale/config/load-config";
import type { ChildSpec } from "./child.ts";
import { inheritedEnvironment, type StandaloneConfig } from "./config.ts";
import { findFreePort } from "./free-port.ts";
import type { Secrets } from "./kept-secrets.ts";
import type { Ports } from "./ports.ts";

/** The command line of every child has it. */
export const servicesFolder = join(import.meta.dirname, "..", "..");

export type ServicesOptions = Readonly<{
  config: StandaloneConfig;
  databaseUrl: string;
  secrets: Secrets;
  ports: Ports;
  /** Starts a child; resolves with its URL once it is ready, and rejects when it dies before. */
  start: (child: ChildSpec) => Promise<string>;
}>;

export type ServiceUrls = Readonly<{
  gateway: string;
  admin: string;
  /** Where each process serves `/metrics`, without that path. */
  metrics: readonly string[];
}>;

/**
 * Starts all services, and waits until they are ready.
 *
 * @throws Error when one of them dies before it is ready
 */
export async function startServices(options: ServicesOptions): Promise<ServiceUrls> {
  const { config, ports, start } = options;
  const shared = sharedEnvironment(options);
  const startOne = (service: string, number: number, environment: Environment) =>
    start({
      name: `${service}-${number}`,
      file: join(servicesFolder, service, "src", "main.ts"),
      environment: { ...shared, ...environment },
    });
  const gatewayMetricsPorts = await findGatewayMetricsPorts(config);
  const adminMetricsPort = await findFreePort();

  const workers = numbersTo(config.workers).map((number) => startOne("worker", number, { METRICS_PORT: "0" }));
  const notifiers = numbersTo(config.notifiers).map((number) => startOne("notifier", number, { METRICS_PORT: "0" }));
  const gateways = numbersTo(config.gateways).map((number) => {
    const environment = gatewayEnvironment(config, ports.gateway, gatewayMetricsPorts[number - 1]);
    return startOne("gateway", number, environment);
  });
  const admin = startOne("admin", 1, adminEnvironment(options, adminMetricsPort));

  const [gatewayUrls, otherUrls, adminUrl] = await Promise.all([
    Promise.all(gateways),
    Promise.all([...workers, ...notifiers]),
    admin,
  ]);
  const gatewayMetricsUrls = gatewayMetricsPorts.length > 0 ? gatewayMetricsPorts.map(localUrl) : gatewayUrls;
  return {
    gateway: gatewayUrls[0] ?? "",
    admin: adminUrl,
    metrics: [...gatewayMetricsUrls, ...otherUrls, localUrl(adminMetricsPort)],
  };
}

function sharedEnvironment({ config, databaseUrl, secrets }: ServicesOptions): Environment {
  return {
    ...inheritedEnvironment(),
    DATABASE_URL: databaseUrl,
    PARTITIONS: String(config.partitions),
    LOG_LEVEL: config.logLevel,
    LOG_FORMAT: config.logFormat,
    WEBHOOK_SECRET_KEY: secrets.webhookKey,
    CUSTOMER_KEY: secrets.customerKey,
    WEBHOOK_ALLOW_PRIVATE: config.webhookAllowPrivate,
    WEBHOOK_IN_FLIGHT_MAX: String(config.webhookInFlightMax),
    WEBHOOK_RETRY_SCHEDULE: config.webhookRetrySchedule.join(","),
    ...(config.redisUrls === undefined ? {} : { REDIS_URL: config.redisUrls.join(",") }),
  };
}

function gatewayEnvironment(config: StandaloneConfig, port: number, metricsPort: number | undefined): Environment {
  return {
    HOST: config.host,
    PORT: String(port),
    AUTH: config.auth,
    ...(config.gateways > 1 ? { SHARE_PORT: "on" } : {}),
    ...(metricsPort === undefined ? {} : { METRICS_PORT: String(metricsPort) }),
  };
}

function adminEnvironment({ config, ports, secrets }: ServicesOptions, metricsPort: number): Environment {
  return {
    ADMIN_HOST: config.adminHost,
    ADMIN_PORT: String(ports.admin),
    ADMIN_PASSWORD: secrets.adminPassword,
    ADMIN_READ_ONLY: config.adminReadOnly,
    METRICS_PORT: String(metricsPort),
  };
}

/**
 * Returns no ports for a single gateway without keys, which serves its metrics on its own port. On a shared port each
 * scrape would reach another gateway, and with AUTH=keys it would need a key.
 */
async function findGatewayMetricsPorts({ gateways, auth }: StandaloneConfig): Promise<number[]> {
  if (gateways === 1 && auth !== "keys") return [];
  return Promise.all(numbersTo(gateways).map(() => findFreePort()));
}

function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
