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
 * Where the queues live. The caller opens and closes the PostgreSQL pool, with `queueSettings`. For each queue that is
 * consumed the pool must have one connection more, on which the consumer listens.
 */
export type QueueSource = Readonly<{ kind: "postgres"; pool: object } | { kind: "redis"; urls: readonly string[] }>;

/**
 * The settings of a pool for BullMQ's own statements. They do not wait for the disk: a crash of the server may lose
 * jobs, as a wiped Redis does, and the reconciler and the relay find the work in PostgreSQL and enqueue it again. This
 * makes decisions of an idle system a tenth faster (docs/performance.md).
 */
export const queueSettings = { search_path: "bullmq,public", synchronous_commit: "off" };

/** What BullMQ's classes need to connect to PostgreSQL or Redis. */
export type Connection = Readonly<{
  connection: ConnectionOptions;
  factory: BackendFactory;
  close: () => void;
}>;

/** Creates BullMQ's tables, once; several processes may call it at the same time. Redis needs nothing. */
export async function prepareQueues(source: QueueSource): Promise<void> {
  if (source.kind === "redis") return;
  const client = await requirePool(source.pool).connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}

/** A producer gives up quickly, so that an unreachable Redis never delays the answer to a buyer. */
const producerOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 250,
  connectTimeout: 1_000,
};

/** A consumer can do nothing without Redis, so it waits until Redis is back. */
const consumerOptions = { enableOfflineQueue: true, maxRetriesPerRequest: null };

const reconnectDelayMaxMs = 2_000;

/**
 * After this many seconds without a notification a consumer on PostgreSQL queries for jobs. BullMQ would wait an hour
 * after an error, and a notification can be lost with a connection that only seems to be open.
 */
const blockSecondsMax = 5;

/** @param role a producer's commands fail quickly while Redis is down; a consumer's wait for it */
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

/**
 * BullMQ keeps the error of a first connection that failed, as can happen at a start under load; then no retry helps.
 */
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

/** The pool types of BullMQ and node-postgres are not compatible, so BullMQ's own check narrows the type. */
export function requirePool(pool: object): PgPool {
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
