// Reads what `onsale doctor` checks about a Redis.
import { Redis } from "ioredis";

/** What a Redis reports about itself; "" or undefined for what it does not report. */
export type RedisFacts = Readonly<{
  version: string;
  role: string;
  /** Whether it is a node of a Redis Cluster; undefined when it does not report that. */
  isClusterNode: boolean | undefined;
  /** What it does when its memory is full, such as "noeviction". */
  evictionPolicy: string;
  isAppendOnly: boolean;
  /** Its snapshot rules, such as "3600 1"; undefined when it does not report them. */
  snapshots: string | undefined;
}>;

const timeoutMs = 3_000;

/**
 * The nodes that several URLs name, as the queues connect to them: with the user, password and TLS of the first URL,
 * and without a database number, because a Redis Cluster has only database 0. A single URL is returned unchanged.
 */
export function nodesOf(urls: readonly string[]): string[] {
  const [first, second] = urls;
  if (first === undefined || second === undefined) return [...urls];
  return urls.map((url) => {
    const { hostname, port } = new URL(url);
    const node = new URL(first);
    node.hostname = hostname;
    node.port = port;
    node.pathname = "";
    node.search = "";
    return node.href;
  });
}

/**
 * Reads version and configuration of one Redis, or of one node of a cluster.
 *
 * @throws when it cannot be reached or refuses the user or password
 */
export async function inspectRedis(url: string): Promise<RedisFacts> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  // The reason why a command failed. Without a listener ioredis would print it to the console.
  let connectionError: Error | undefined;
  redis.on("error", (error: Error) => {
    connectionError = error;
  });
  try {
    await redis.connect();
    const info = parseInfo(await redis.info());
    // Hosted Redis services often refuse CONFIG.
    const config = await redis.config("GET", "save").catch(() => undefined);
    const clusterEnabled = info.get("cluster_enabled");
    const snapshots = Array.isArray(config) ? config[1] : undefined;
    return {
      version: info.get("redis_version") ?? "",
      role: info.get("role") ?? "",
      isClusterNode: clusterEnabled === undefined ? undefined : clusterEnabled === "1",
      evictionPolicy: info.get("maxmemory_policy") ?? "",
      isAppendOnly: info.get("aof_enabled") === "1",
      snapshots: typeof snapshots === "string" ? snapshots : undefined,
    };
  } catch (error) {
    throw connectionError ?? error;
  } finally {
    redis.disconnect();
  }
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = /^([a-z_]+):(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return new Map(pairs);
}
