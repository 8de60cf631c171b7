// Everything between a purchase and its order: the rules, the intake, what is known to be sold out, how long the queue
// is.

import type { Db } from "@onsale/database/client";
import { openDatabaseClock } from "@onsale/database/database-clock";
import { keyDigest } from "@onsale/security/customer-hash";
import type { Service } from "@onsale/service/run-service";
import { requireSharedKey } from "@onsale/service/shared-key";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { OrderReader } from "../catalogue/order-reader.ts";
import type { StockReader } from "../catalogue/stock-reader.ts";
import type { GatewayConfig } from "../config.ts";
import { createBacklog } from "../overload/backlog.ts";
import type { Decisions } from "../results/decisions.ts";
import type { QueueEstimates } from "../results/queue-estimates.ts";
import { openCapability } from "./capability.ts";
import { createIntake } from "./intake.ts";
import { createLaneRules } from "./lane-rules.ts";
import { createPurchase } from "./purchase.ts";
import { createRecorder } from "./recorder.ts";
import { createSoldOut } from "./sold-out.ts";

type PurchaseParts = Readonly<{
  db: Db;
  readDb: Db;
  /** For the inserts of orders. */
  intakeDb: Db;
  catalogue: Catalogue;
  orderReader: OrderReader;
  stockReader: StockReader;
  decisions: Decisions;
  queueEstimates: QueueEstimates;
  /** Called once orders are committed, per event, with their number and highest `seq`. */
  onCommitted: (eventId: number, count: number, lastSeq: number) => void;
}>;

/** @throws Error when CUSTOMER_KEY is not that of the other processes */
export async function openPurchases(service: Service<GatewayConfig>, parts: PurchaseParts) {
  const { config, metrics, onStop, warnOf } = service;
  const { db, readDb, intakeDb, catalogue, orderReader, stockReader, decisions, queueEstimates } = parts;
  const { customerKey } = config;
  await requireSharedKey(readDb, "CUSTOMER_KEY", customerKey && keyDigest(customerKey));
  const clock = await openDatabaseClock(readDb, warnOf("database clock"));
  onStop("database clock", clock.close);
  const soldOut = createSoldOut(readDb, stockReader, decisions, config.soldOut === "refuse");
  onStop("sold-out ticket types", soldOut.close);
  const counting = { db: readDb, decisions, queueEstimates, metrics, onError: warnOf("backlog") };
  const backlog = createBacklog(counting, config.pendingSecondsMax);
  onStop("backlog", backlog.close);
  const onCommitted = (eventId: number, count: number, lastSeq: number) => {
    backlog.noteAccepted(eventId, count);
    parts.onCommitted(eventId, count, lastSeq);
  };
  const intake = createIntake(createRecorder(intakeDb, metrics, onCommitted), backlog, metrics);
  onStop("intake", intake.close);
  const capability = await openCapability(readDb, warnOf("capability"));
  onStop("capability", capability.close);
  const laneRules = createLaneRules({ db, readDb, catalogue, customerKey });
  const known = { catalogue, soldOut, orderReader, intake, backlog, capability, clock };
  const purchase = createPurchase({ ...known, ...laneRules, metrics });
  const { findAccessCode } = laneRules;
  const keys = { customerKey, hasCustomerKey: customerKey !== undefined };
  return { purchase, capability, soldOut, clock, findAccessCode, ...keys };
}
