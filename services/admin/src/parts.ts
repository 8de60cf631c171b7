import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Db } from "@onsale/database/client";
import type { Logger } from "@onsale/observability/logger";
import type { Boards } from "@onsale/queue/boards";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { LoginGuard } from "./access/login-guard.ts";
import type { Sessions } from "./access/sessions.ts";
import type { EventBoard } from "./console/event-board.ts";
import type { Names } from "./console/names.ts";
import type { Watchers } from "./console/watchers.ts";

/** What the routes work with. */
export type Parts = Readonly<{
  /** For what people look up, a few at a time. */
  lookupDb: Db;
  boards: Boards;
  names: Names;
  events: EventBoard;
  watchers: Watchers;
  sessions: Sessions;
  loginGuard: LoginGuard;
  /** Nothing can be changed then. */
  isReadOnly: boolean;
  logger: Logger;
}>;

/** The server, with routes typed by their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
