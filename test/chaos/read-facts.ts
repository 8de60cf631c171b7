// Reads everything that the checks compare, once the installation has come to rest.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { type Gateway, RefusedError } from "../demo/gateway.ts";
import { listOrders } from "../demo/orders.ts";
import { createPauses } from "../demo/pauses.ts";
import { createRetry } from "../demo/retry.ts";
import { untilTrue } from "../support/until.ts";
import type { Facts, ListedChange, Outage, ReceivedFact, StoredOrder } from "./facts.ts";
import type { SeenOrder } from "./history.ts";
import { readOrders } from "./read-orders.ts";

type Reading = Readonly<{
  db: Db;
  gateway: Gateway;
  eventCodes: readonly string[];
  plentyEvents: readonly string[];
  received: () => readonly ReceivedFact[];
  outages: readonly Outage[];
  cancelledEvents: readonly string[];
  showTask: (text: string) => void;
}>;

/**
 * Waits until all work is done: no order is pending, no return or due hold is left, each cancellation is finished, and
 * all webhooks are delivered.
 *
 * @returns whether that came in time; if not, the checks say what is missing
 */
export async function untilSettled(db: Db, withinMs: number, webhooksWithinMs = withinMs): Promise<boolean> {
  const endsAt = performance.now() + webhooksWithinMs;
  const isWorkDone = async () => {
    const { rows } = await sql<{ left: boolean }>`
      SELECT EXISTS (SELECT FROM orders WHERE status = 'PENDING') OR EXISTS (SELECT FROM returns)
          OR EXISTS (SELECT FROM holds WHERE expires_at < now()) OR EXISTS (SELECT FROM outbox)
          OR EXISTS (SELECT FROM payments WHERE outcome IS NULL)
          OR EXISTS (SELECT FROM event_cancellations WHERE finished_at IS NULL) AS left`.execute(db);
    return rows[0]?.left === false;
  };
  const isAllDone = async () => {
    const { rows } = await sql<{ left: boolean }>`
      SELECT EXISTS (SELECT FROM webhook_deliveries WHERE status = 'PENDING') AS left`.execute(db);
    return rows[0]?.left === false && (await isWorkDone());
  };
  try {
    await untilTrue("all work but webhooks is done", isWorkDone, withinMs);
    await untilTrue("all work is done", isAllDone, Math.max(0, endsAt - performance.now()));
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads the database, the API's lists, changes and audits. Holds that expire meanwhile would make them differ, so
 * `putOffHolds` comes before.
 */
export async function readFacts(reading: Reading): Promise<Facts> {
  const { db, gateway, eventCodes, plentyEvents, received, outages, cancelledEvents, showTask } = reading;
  const retry = createRetry(createPauses(new AbortController().signal), showTask);
  const listed: SeenOrder[] = [];
  const changes: ListedChange[] = [];
  const orders: StoredOrder[] = [];
  const audits: Facts["audits"][number][] = [];
  const refused: string[] = [];
  const readAtMs = Date.now();
  for (const eventCode of eventCodes) {
    showTask(`reading ${eventCode}`);
    for (const order of await readOrders(db, eventCode)) orders.push(order);
    const readList = async () => {
      for await (const { id, status, version } of listOrders({ gateway, eventCode, showTask }, retry)) {
        listed.push({ id, status, version });
      }
    };
    const readChanges = async () => {
      for (let after: string | null = null; ; ) {
        const page = await retry(() => gateway.changes(eventCode, after));
        changes.push(...page.content.map(({ orderId, version, to }) => ({ orderId, version, to })));
        if (page.content.length === 0) return;
        after = page.nextCursor;
      }
    };
    const readAudit = async () => void audits.push(await retry(() => gateway.audit(eventCode)));
    for (const read of [readList, readChanges, readAudit]) {
      await read().catch((error: unknown) => refused.push(`${eventCode}: ${refusalOf(error)}`));
    }
  }
  const told = { listed, changes, audits, refused, received: received() };
  return { orders, ...told, plentyEvents, outages, cancelledEvents, readAtMs };
}

/** A refusal is for the checks; nothing can be checked without an answer. */
function refusalOf(error: unknown): string {
  if (error instanceof RefusedError) return error.message;
  throw error;
}

/** Lets every hold that is not due yet last longer than the checks take, and its order with it. */
export async function putOffHolds(db: Db): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`UPDATE orders SET expires_at = now() + interval '1 day' WHERE status = 'HELD' AND expires_at > now()`.execute(
      tx,
    );
    await sql`
      UPDATE holds SET expires_at = orders.expires_at FROM orders WHERE orders.id = order_id`.execute(tx);
  });
}
