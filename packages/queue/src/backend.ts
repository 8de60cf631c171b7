import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  isPgPool,
  type PgPool,
  type PostgresConnection,
  runMigrations,
} from "bullmq";
import { Cluster, Redis } from "ioredis";

/**
 * Where the queues live. The PostgreSQL pool is the caller's, has `bullmq` on its search path, and must have a
 * connection to spare for each partition that is consumed, because a consumer listens on one of its own.
 */
export type QueueSource = Readonly<{ kind: "postgres"; pool: object } | { kind: "redis"; urls: readonly string[] }>;

/**
 * The settings of a pool for BullMQ's own statements. They need not be on disk when they are answered: what a crash of the
 * server takes from the queues, as what a wiped Redis does, is found in the orders and enqueued again. An idle
 * system decides a tenth sooner for it (docs/performance.md).
 */
export const queueSettings = { search_path: "bullmq,public", synchronous_commit: "off" };

/** What a BullMQ class needs to reach its backend, of either kind. */
export type Connection = Readonly<{
  connection: ConnectionOptions;
  factory: BackendFactory;
  close: () => void;
}>;

/** Creates what the backend needs, once; several processes may do it at the same moment. Redis needs nothing. */
export async function prepareQueues(source: QueueSource): Promise<void> {
  if (source.kind === "redis") return;
  const client = await requirePool(source.pool).connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}

/** A producer gives up quickly, so that a Redis that is gone never holds up the answer to a buyer. */
const producerOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 250,
  connectTimeout: 1_000,
};

/** A consumer has nothing better to do than to wait for Redis to come back. */
const consumerOptions = { enableOfflineQueue: true, maxRetriesPerRequest: null };

const reconnectDelayMaxMs = 2_000;

/**
 * After this many seconds without a notification a consumer on PostgreSQL looks for itself. BullMQ would wait an hour after
 * an error, and a notification can be lost with a connection that only seems to be there.
 */
const blockSecondsMax = 5;

export function connect(
  source: QueueSource,
  role: "producer" | "consumer",
  onError: (error: Error) => void,
): Connection {
  if (source.kind === "postgres") {
    const pool = requirePool(source.pool);
    return {
      connection: {},
      factory: (name, options, kind) => {
        const backend = createPostgresBackend(name, { ...options, connection: pool }, kind);
        retryFirstConnection(backend.connection);
        return Object.defineProperty(backend, "maximumBlockTimeout", { value: blockSecondsMax });
      },
      close: () => undefined,
    };
  }
  const client = connectRedis(source.urls, role === "producer" ? producerOptions : consumerOptions);
  client.on("error", onError);
  return { connection: client, factory: createRedisBackend, close: () => client.disconnect() };
}

/** BullMQ remembers for good that a queue could not connect at first, such as at a start under load: it would stay so. */
function retryFirstConnection(connection: PostgresConnection): void {
  const waitUntilReady = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = async () => {
    try {
      await waitUntilReady();
    } catch (error) {
      Reflect.deleteProperty(connection, "readyPromise");
      throw error;
    }
  };
}

/** BullMQ and node-postgres describe a pool with types that do not meet; BullMQ brings its own check. */
function requirePool(pool: object): PgPool {
  if (!isPgPool(pool)) throw new TypeError("queues on PostgreSQL need a node-postgres pool");
  return pool;
}

function connectRedis(urls: readonly string[], options: typeof producerOptions | typeof consumerOptions) {
  const nodes = urls.map((url) => new URL(url));
  const [first, second] = nodes;
  if (first === undefined) throw new Error("a Redis needs at least one URL");
  const retryStrategy = (attempt: number) => Math.min(reconnectDelayMaxMs, attempt * 100);
  if (second === undefined) return new Redis(first.href, { ...options, retryStrategy });

  const { enableOfflineQueue, ...nodeOptions } = options;
  return new Cluster(
    nodes.map((node) => ({ host: node.hostname, port: Number(node.port || "6379") })),
    {
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      redisOptions: {
        ...nodeOptions,
        ...(first.username === "" ? {} : { username: decodeURIComponent(first.username) }),
        ...(first.password === "" ? {} : { password: decodeURIComponent(first.password) }),
        ...(first.protocol === "rediss:" ? { tls: {} } : {}),
      },
    },
  );
}
