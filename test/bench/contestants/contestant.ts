import type { DatabaseServer } from "../machine/database-server.ts";
import type { MeasuredProcess } from "../machine/processes.ts";
import type { ContestantName } from "../names.ts";

/** What contestants start from. */
export type Arena = Readonly<{
  server: DatabaseServer;
  redisProgram: string | undefined;
  /** Connections of the synchronous designs, found by trying. */
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
  /** Where its orders are; null when it stores none. */
  orders: "pipeline" | "lean" | null;
  start: (arena: Arena, databaseUrl: string) => Promise<RunningContestant>;
}>;
