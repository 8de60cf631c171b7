import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Db } from "@onsale/database/client";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { Catalogue } from "./catalogue.ts";
import type { Intake } from "./intake.ts";
import type { OrderReader } from "./order-reader.ts";
import type { QueueEstimates } from "./queue-estimates.ts";
import type { Room } from "./room.ts";
import type { SaleStreams } from "./sale-streams.ts";
import type { SoldOut } from "./sold-out.ts";
import type { StreamKeys } from "./stream-keys.ts";
import type { Waiters } from "./waiters.ts";

/** What the routes work with. */
export type Parts = Readonly<{
  /** For what no buyer waits for: lists, changes of events and stock, webhooks. */
  db: Db;
  /** For audits alone, because they take long: one at a time that was asked for, beside one that was not. */
  auditDb: Db;
  catalogue: Catalogue;
  intake: Intake;
  orderReader: OrderReader;
  soldOut: SoldOut;
  queueEstimates: QueueEstimates;
  waiters: Waiters;
  saleStreams: SaleStreams;
  /** Ends streams whose API key may not be used any more. */
  streamKeys: StreamKeys;
  /** For requests that wait and for streams. */
  room: Room;
  /** Seals the webhooks' secrets; without it there are no webhooks. */
  webhookKey: Buffer | undefined;
  /** Whether webhooks may be sent to this machine and to private networks. */
  webhookAllowPrivate: boolean;
  metrics: Metrics;
  logger: Logger;
  isReady: () => Promise<boolean>;
}>;

/** The server, with routes typed by their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
