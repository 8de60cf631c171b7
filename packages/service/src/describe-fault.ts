// Describes the errors that a process survives by itself, because a server that it depends on is away or unfit.
//
// Errors of the operating system do not say which program was called, so its port or host decides whether it is
// PostgreSQL or Redis. Without Redis every connection of a service, but for those to webhook receivers, is to
// PostgreSQL; and the notifier records what receivers do, and does not log it.
import { describeDatabase } from "@onsale/database/connection/describe-database";
import { lostSession } from "@onsale/database/connection/lost-session";
import { classify, errorCode } from "@onsale/database/errors";

export type Servers = Readonly<{
  databaseUrl: string;
  /** Undefined when the queues are in PostgreSQL. */
  redisUrls: readonly string[] | undefined;
}>;

type SystemError = Partial<Readonly<{ port: number; hostname: string }>>;
type Server = Readonly<{ name: string; hosts: readonly string[]; ports: readonly number[] }>;

const bySystemCode: Readonly<Record<string, (server: string) => string>> = {
  ECONNREFUSED: (server) => `${server} refuses connections`,
  ECONNRESET: (server) => `${server} closed a connection`,
  EPIPE: (server) => `${server} closed a connection`,
  ENOTFOUND: (server) => `the host name of ${server} is unknown`,
  EAI_AGAIN: (server) => `the host name of ${server} cannot be looked up`,
};

/** How messages of node-postgres and of our listener begin that have no code. */
const ofPostgres: readonly (readonly [string, (server: string) => string])[] = [
  ["Connection terminated due to connection timeout", (server) => `${server} accepts connections too slowly`],
  ["Connection terminated", (server) => `${server} closed a connection`],
  ["Client has encountered a connection error", (server) => `${server} closed a connection`],
  ["Client was closed", (server) => `${server} closed a connection`],
  [lostSession.listeningEnded, (server) => `${server} closed a connection`],
  [lostSession.replaced, (server) => `${server} is read-only, as after a failover`],
  [lostSession.locksEnded, (server) => `${server} closed a connection`],
  [
    "timeout exceeded when trying to connect",
    (server) => `no connection to ${server} was free or could be opened in time`,
  ],
  ["Query read timeout", (server) => `${server} did not answer a statement in time`],
];

/** How messages of ioredis and BullMQ begin. */
const ofRedis: readonly (readonly [string, (server: string) => string])[] = [
  ["Connection is closed", (server) => `${server} closed a connection`],
  ["Stream isn't writeable", (server) => `${server} is not connected`],
  ["Command timed out", (server) => `${server} did not answer a command in time`],
  ["connect ETIMEDOUT", (server) => `${server} cannot be reached (ETIMEDOUT)`],
  [
    "Reached the max retries per request limit",
    (server) => `${server} did not answer a command, however often it was sent`,
  ],
  ["Failed to refresh slots cache", (server) => `no node of ${server} answers`],
  ["Cluster isn't ready", (server) => `no node of ${server} answers`],
];
/** How Redis's answers begin when it cannot serve now. */
const redisAnswers =
  /^(?:LOADING|READONLY|OOM|MISCONF|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM|ERR max number)\b/;
const lostLock = /^(?:Missing (?:lock|key) for job|could not renew lock for job|Lock mismatch for job)/;
/** Class 28: the login is refused; 3D000: there is no such database. */
const refusedLogin = /^(?:28[0-9A-Z]{3}|3D000)$/;
/** With a digit, unlike EPIPE. */
const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/;
const redisPort = 6379;

/**
 * Creates a function that describes an error in one sentence, which names the server without a password.
 *
 * @returns undefined for an error that may be a bug: its stack is needed
 */
export function createFaultDescriber({ databaseUrl, redisUrls }: Servers): (error: unknown) => string | undefined {
  const postgres = `PostgreSQL at ${describeDatabase(databaseUrl)}`;
  const redis = redisUrls === undefined ? undefined : describeRedis(redisUrls);

  return function describe(error: unknown): string | undefined {
    // Of an attempt for each address of a host.
    if (error instanceof AggregateError) return describe(error.errors[0]);
    if (!(error instanceof Error)) return undefined;
    if (lostLock.test(error.message)) {
      return `the queues lost a job or its lock; PostgreSQL has its work, and it is enqueued again (${error.message})`;
    }
    if (redis === undefined) return describePostgres(error, postgres);
    if (isOf(redis, error)) return describeAnswer(error, redis.name, ofRedis);
    return describePostgres(error, isAnonymous(error) ? `${postgres} or ${redis.name}` : postgres);
  };
}

/**
 * What two descriptions have in common that tell of the same fault, for a throttle: without the server's own words and
 * the ids of jobs, which differ each time.
 */
export function kindOfFault(description: string): string {
  return description.replaceAll(/"[\s\S]*"| for job [\s\S]*/g, "");
}

function describeRedis(urls: readonly string[]): Server {
  const nodes = urls.map((url) => new URL(url));
  const ports = nodes.map(({ port }) => Number(port || redisPort));
  const hosts = nodes.map(({ hostname }) => hostname);
  const name = hosts.map((host, index) => `${host}:${ports[index]}`).join(", ");
  return { name: `Redis at ${name}`, hosts, ports };
}

function isOf({ hosts, ports }: Server, error: Error & SystemError): boolean {
  if (error.port !== undefined) return ports.includes(error.port);
  if (error.hostname !== undefined) return hosts.includes(error.hostname);
  return redisAnswers.test(error.message) || ofRedis.some(([beginning]) => error.message.startsWith(beginning));
}

/** Whether an error of a socket does not say to which address the socket was connected, as after a reset. */
function isAnonymous(error: Error & SystemError): boolean {
  return errorCode(error) in bySystemCode && error.port === undefined && error.hostname === undefined;
}

function describePostgres(error: Error, server: string): string | undefined {
  const code = errorCode(error);
  const kind = classify(error);
  if (sqlState.test(code) && (kind === "unavailable" || kind === "contention" || refusedLogin.test(code))) {
    return `${server} answers "${error.message}" (${code})`;
  }
  const known = describeAnswer(error, server, ofPostgres);
  return known ?? (kind === "unavailable" ? `${server}: ${error.message}` : undefined);
}

function describeAnswer(error: Error, server: string, messages: typeof ofRedis): string | undefined {
  const bySystem = bySystemCode[errorCode(error)];
  if (bySystem !== undefined) return bySystem(server);
  const [, byMessage] = messages.find(([beginning]) => error.message.startsWith(beginning)) ?? [];
  if (byMessage !== undefined) return byMessage(server);
  return redisAnswers.test(error.message) ? `${server} answers "${error.message}"` : undefined;
}
