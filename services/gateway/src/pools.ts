// The gateway's pools of connections: one for each kind of statement, so that no kind delays another.
import type { Db } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { transitionSettings } from "@onsale/database/transitions/apply-transitions";
import type { Service } from "@onsale/service/run-service";
import { fairConnectionCountMax, fairStatementMaxMs } from "./lists/fair-connections.ts";
import { insertSlotCount } from "./purchase/intake.ts";
import { transitionSlotCount } from "./transitions/transitions.ts";

/** The producer's, when the queues are in PostgreSQL. */
export const queueConnectionCountMax = 4;
const auditStatementMaxMs = 60_000;
/** A list walks an index: one account must not make PostgreSQL read whole tables, with several processes at a time. */
const listPlans = { ...indexPlans, max_parallel_workers_per_gather: "0" };

export type Pools = Readonly<{
  /** Reads that buyers wait for; they use indexes. */
  readDb: Db;
  /** Single events and endpoints, stock, and changes of them. */
  db: Db;
  /** Lists and redeliveries only: one of millions of rows must not delay anything else. */
  listDb: Db;
  /** Inserts of purchases. */
  intakeDb: Db;
  /** Transitions of orders. */
  transitionDb: Db;
  /** Audits: one connection for those on request, one for the auditor. */
  auditDb: Db;
}>;

export function openPools({ openDatabase }: Pick<Service<unknown>, "openDatabase">): Pools {
  return {
    readDb: openDatabase("read connections", { connectionCountMax: 4, settings: indexPlans }),
    db: openDatabase("other connections", { connectionCountMax: 3 }),
    listDb: openDatabase("list connections", {
      connectionCountMax: fairConnectionCountMax,
      statementTimeoutMs: fairStatementMaxMs,
      settings: listPlans,
    }),
    intakeDb: openDatabase("intake connections", { connectionCountMax: insertSlotCount, settings: indexPlans }),
    transitionDb: openDatabase("transition connections", {
      connectionCountMax: transitionSlotCount,
      settings: transitionSettings,
    }),
    auditDb: openDatabase("audit connections", { connectionCountMax: 2, statementTimeoutMs: auditStatementMaxMs }),
  };
}
