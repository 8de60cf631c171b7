// Turns outbox rows into deliveries, in the order of the decisions, and deletes them, in one transaction: none is lost
// or relayed twice. Locks: the relay's (delivery-bodies.ts), tried and never waited for, because two notifiers at a
// time would mix the order; a notifier that finds it taken relays nothing. Then the endpoints' rows, shared, because of
// the foreign key. Indexes used: the primary keys of outbox and orders, webhook_endpoints_by_account. Every visible row
// is taken, not only those above a last seen id: ids do not become visible in order. A second run finds no rows.
import type { OrderStatus } from "@onsale/contracts/order";
import type { WebhookType } from "@onsale/contracts/webhook";
import type { WebhookDetail } from "@onsale/contracts/webhook-body";
import { crashAt } from "@onsale/lifecycle/failpoints";
import { sql } from "kysely";
import type { Db } from "../../client.ts";
import { type OrderRow, selectOrders } from "../orders/order-row.ts";
import { tryRelayLock } from "./delivery-bodies.ts";
import { insertDeliveries, type NewDelivery } from "./insert-deliveries.ts";

export type Relayed = Readonly<{
  /** Outbox rows that were taken; when they are as many as asked for, there may be more. */
  factCount: number;
  /** Endpoints that got deliveries. */
  endpointIds: readonly string[];
}>;

/** What an outbox row tells of: the order as the fact left it, however it has changed since. */
export type Fact = Readonly<{ type: WebhookType; happenedAt: Date; order: OrderRow; detail: WebhookDetail | null }>;

type FactRow = OrderRow &
  Readonly<{
    outboxId: number;
    type: WebhookType;
    happenedAt: Date;
    detail: WebhookDetail | null;
    factVersion: number | null;
    factStatus: OrderStatus | null;
    factItems: OrderRow["items"];
    factExpiresAt: Date | null;
    factPaymentReference: string | null;
  }>;

function toFact(row: FactRow): Fact {
  const { outboxId: _, type, happenedAt, detail, ...facts } = row;
  const { factVersion, factStatus, factItems, factExpiresAt, factPaymentReference, ...order } = facts;
  // Processes of the version before write no state. Their orders have not changed since their first decision.
  if (factVersion === null || factStatus === null) return { type, happenedAt, order, detail };
  const state = { version: factVersion, status: factStatus, items: factItems, expiresAt: factExpiresAt };
  return { type, happenedAt, order: { ...order, ...state, paymentReference: factPaymentReference }, detail };
}

/**
 * @param countMax outbox rows at most
 * @param firstDelaySeconds before the first attempt
 * @param bodyOf the body to send, which is the same for every endpoint
 */
export function relayOutbox(
  db: Db,
  countMax: number,
  firstDelaySeconds: number,
  bodyOf: (fact: Fact) => string,
): Promise<Relayed> {
  return db.transaction().execute(async (tx) => {
    if (!(await tryRelayLock(tx))) return { factCount: 0, endpointIds: [] };

    const facts = await selectOrders(tx)
      .innerJoin("outbox", "outbox.order_id", "orders.id")
      .select(["outbox.id as outboxId", "outbox.type", "outbox.created_at as happenedAt", "outbox.detail"])
      .select(["outbox.version as factVersion", "outbox.status as factStatus", "outbox.items as factItems"])
      .select(["outbox.expires_at as factExpiresAt", "outbox.payment_reference as factPaymentReference"])
      .orderBy("outbox.id")
      .limit(countMax)
      .execute();
    if (facts.length === 0) return { factCount: 0, endpointIds: [] };

    const endpoints = await tx
      .selectFrom("webhook_endpoints")
      .where(sql<boolean>`account_id = ANY(${facts.map((fact) => fact.accountId)}::int[])`)
      .where("disabled_at", "is", null)
      .select(["id", "account_id", "event_id", "types", "active_since"])
      .execute();
    const deliveries = facts.flatMap((row): NewDelivery[] => {
      const fact = toFact(row);
      const { type, happenedAt, order } = fact;
      const { outboxId } = row;
      const body = bodyOf(fact);
      return endpoints
        .filter((endpoint) => endpoint.account_id === order.accountId && endpoint.types.includes(type))
        .filter((endpoint) => endpoint.active_since <= happenedAt)
        .filter((endpoint) => endpoint.event_id === null || endpoint.event_id === order.eventId)
        .map((endpoint) => ({ endpointId: endpoint.id, outboxId, orderId: order.id, type, body }));
    });
    await insertDeliveries(tx, deliveries, firstDelaySeconds);
    await sql`DELETE FROM outbox WHERE id = ANY(${facts.map((fact) => fact.outboxId)}::bigint[])`.execute(tx);
    crashAt("relay.before-commit");
    return { factCount: facts.length, endpointIds: [...new Set(deliveries.map(({ endpointId }) => endpointId))] };
  });
}
