import type { DatabaseServer } from "../machine/database-server.ts";
import type { MeasuredProcess } from "../machine/processes.ts";
import type { ContestantName } from "../names.ts";

/** The shared servers and settings that contestants are started with. */
export type Arena = Readonly<{
  server: DatabaseServer;
  redisProgram: string | undefined;
  /** The best pool sizes of the synchronous designs (tune.ts). */
  poolSizes: Map<ContestantName, number>;
}>;

/** A contestant that serves purchases over HTTP. */
export type RunningContestant = Readonly<{
  port: number;
  processes: readonly MeasuredProcess[];
  stop: () => Promise<void>;
}>;

export type HttpContestant = Readonly<{
  name: ContestantName;
  /** Its tables: those of Onsale, or those of lean-tables.sql; null when it stores no orders. */
  orders: "pipeline" | "lean" | null;
  start: (arena: Arena, databaseUrl: string) => Promise<RunningContestant>;
}>;
