// The gateway's pools of connections: one for each kind of statement, so that no kind delays another.
import type { Db } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import type { Service } from "@onsale/service/run-service";
import { insertSlotCount } from "./purchase/intake.ts";
import { transitionSlotCount } from "./transitions/transitions.ts";

const auditStatementMaxMs = 60_000;

export type Pools = Readonly<{
  /** Reads that buyers wait for; they use indexes. */
  readDb: Db;
  /** Lists, changes of events and stock, webhooks: a list of millions must not delay buyers. */
  db: Db;
  /** Inserts of purchases. */
  intakeDb: Db;
  /** Transitions of orders. They never wait for a locked order for long, because others of their group wait with it. */
  transitionDb: Db;
  /** Audits: one connection for those on request, one for the auditor. */
  auditDb: Db;
}>;

export function openPools({ openDatabase }: Pick<Service<unknown>, "openDatabase">): Pools {
  return {
    readDb: openDatabase("read connections", { connectionCountMax: 4, settings: indexPlans }),
    db: openDatabase("other connections", { connectionCountMax: 3 }),
    intakeDb: openDatabase("intake connections", { connectionCountMax: insertSlotCount, settings: indexPlans }),
    transitionDb: openDatabase("transition connections", {
      connectionCountMax: transitionSlotCount,
      settings: { ...indexPlans, lock_timeout: "1s" },
    }),
    auditDb: openDatabase("audit connections", { connectionCountMax: 2, statementTimeoutMs: auditStatementMaxMs }),
  };
}
