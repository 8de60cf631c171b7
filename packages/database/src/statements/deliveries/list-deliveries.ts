// Lists an endpoint's deliveries, or an order's, with their latest attempts, the newest first. No locks. Indexes used:
// webhook_deliveries_by_endpoint or webhook_deliveries_by_order, the primary key of webhook_attempts. The walk to a
// page of an endpoint reads `seq` only, which is in the index: skipped deliveries look up no attempts.
import type { AttemptResult, DeliveryStatus, DeliveryType } from "@onsale/contracts/webhook";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { countTotal } from "../../list-total.ts";

export type AttemptRow = Readonly<{
  number: number;
  result: AttemptResult;
  status: number | null;
  responseBody: string | null;
  error: string | null;
  startedAtMs: number;
  durationMs: number;
}>;

export type DeliveryRow = Readonly<{
  id: string;
  seq: number;
  type: DeliveryType;
  orderId: string | null;
  status: DeliveryStatus;
  nextAttemptAt: Date;
  createdAt: Date;
  finishedAt: Date | null;
  /** The latest first. */
  attempts: readonly AttemptRow[];
}>;

/** Which deliveries of an endpoint are listed; undefined properties choose all. */
export type DeliveryFilter = Readonly<{
  status?: DeliveryStatus | undefined;
  type?: DeliveryType | undefined;
  orderId?: string | undefined;
}>;

/** Where a page begins: after `offset` of the newest deliveries, or after the delivery with `afterSeq`. */
export type DeliveryPageStart = Readonly<{ offset: number } | { afterSeq: number }>;

const attemptCountMax = 20;

function selectDeliveries(db: Pick<Db, "selectFrom">) {
  return db.selectFrom("webhook_deliveries as d").select([
    "d.id",
    "d.seq",
    "d.type",
    "d.order_id as orderId",
    "d.status",
    "d.next_attempt_at as nextAttemptAt",
    "d.created_at as createdAt",
    "d.finished_at as finishedAt",
    sql<readonly AttemptRow[]>`coalesce((
        SELECT json_agg(json_build_object(
                 'number', a.number, 'result', a.result, 'status', a.status, 'responseBody', a.response_body,
                 'error', a.error, 'startedAtMs', (extract(epoch FROM a.started_at) * 1000)::bigint,
                 'durationMs', a.duration_ms) ORDER BY a.number DESC)
        FROM (SELECT * FROM webhook_attempts WHERE delivery_id = d.id ORDER BY number DESC
              LIMIT ${sql.raw(String(attemptCountMax))}) AS a), '[]')`.as("attempts"),
  ]);
}

/** At most `count` deliveries that pass the filter. */
export function listDeliveries(
  db: Db,
  endpointId: string,
  filter: DeliveryFilter,
  start: DeliveryPageStart,
  count: number,
): Promise<DeliveryRow[]> {
  const offset = "offset" in start ? sql`OFFSET ${start.offset}` : sql``;
  const after = "offset" in start ? sql`` : sql`AND seq < ${start.afterSeq}`;
  const read = db.with(
    "webhook_deliveries",
    () => sql<never>`(
      SELECT found.*
      FROM (SELECT seq FROM webhook_deliveries WHERE ${isListed(endpointId, filter)} ${after}
            ORDER BY seq DESC LIMIT ${count} ${offset}) AS page
      CROSS JOIN LATERAL (
        SELECT * FROM webhook_deliveries
        WHERE endpoint_id = ${endpointId}::uuid AND seq = page.seq OFFSET 0) AS found)`,
  );
  return selectDeliveries(read).orderBy("d.seq", "desc").execute();
}

/** One delivery of an endpoint, or undefined. */
export function getDelivery(db: Db, endpointId: string, id: string): Promise<DeliveryRow | undefined> {
  return selectDeliveries(db).where("d.endpoint_id", "=", endpointId).where("d.id", "=", id).executeTakeFirst();
}

/** A delivery with its endpoint. */
export type OrderDeliveryRow = DeliveryRow & Readonly<{ endpointId: string; url: string; isEnabled: boolean }>;

/** An order's deliveries to all endpoints, at most `count`. */
export function listOrderDeliveries(db: Db, orderId: string, count: number): Promise<OrderDeliveryRow[]> {
  return selectDeliveries(db)
    .innerJoin("webhook_endpoints as w", "w.id", "d.endpoint_id")
    .select(["w.id as endpointId", "w.url", sql<boolean>`w.disabled_at IS NULL`.as("isEnabled")])
    .where("d.order_id", "=", orderId)
    .orderBy("d.seq", "desc")
    .limit(count)
    .execute();
}

/** How many deliveries of an endpoint pass the filter; an estimate when more than `exactTotalMax`. */
export function countDeliveries(db: Db, endpointId: string, filter: DeliveryFilter): Promise<number> {
  const planned = sql`SELECT FROM webhook_deliveries WHERE ${isListed(endpointId, filter)}`;
  return countTotal(db, { walk: (countMax) => sql`${planned} LIMIT ${countMax}`, planned });
}

function isListed(endpointId: string, { status, type, orderId }: DeliveryFilter): RawBuilder<unknown> {
  const ofStatus = status === undefined ? sql`` : sql`AND status = ${status}`;
  const ofType = type === undefined ? sql`` : sql`AND type = ${type}`;
  const ofOrder = orderId === undefined ? sql`` : sql`AND order_id = ${orderId}::uuid`;
  return sql`endpoint_id = ${endpointId}::uuid ${ofStatus} ${ofType} ${ofOrder}`;
}
