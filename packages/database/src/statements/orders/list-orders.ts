// Lists an account's orders, the newest first: in the order of `seq`. No locks. Indexes used: orders_by_event; without
// an event also UNIQUE (account_id, code) of events, to walk the orders of each; of a customer, orders_by_customer; of
// a payment, payments_by_reference and the primary key of orders; of an idempotency key, orders_idempotency.
//
// The walk to the page reads event and `seq` only, which are in the index, so that skipped orders cost little: page
// 10,000 of 200,000 orders took 5 s when each of them looked up its event's code, and 10 ms like this. Only the page's
// orders are read from the table. A status is not in the index: a walk with one reads the orders themselves until the
// page is full (75,000 a page of 100, 20 ms, where one of 1,000 had the status). Pending orders all lie above what
// their event has decided, so they are found at once (pending.ts).
//
// A payment has one order, or a few when a client made a mistake: all of them are read and sorted.
//
// Rejected: walking the primary key (a UUIDv7 rises with time) for all orders of an account, because it reads those of
// all other accounts as well; and orders whose id is in the page, because a generic plan may read the whole table.
import type { OrderStatus } from "@onsale/contracts/order";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { countTotal } from "../../list-total.ts";
import { decidedThrough } from "../pending/pending.ts";
import { type OrderRow, selectOrders } from "./order-row.ts";

export type OrderFilter = Readonly<{
  accountId: number;
  eventId?: number | undefined;
  status?: OrderStatus | undefined;
  customerRef?: string | undefined;
  /** Of a payment that confirmed the order, came for it too late, or has to be refunded. */
  paymentReference?: string | undefined;
  /** The key that the order was purchased with: one order or none. */
  idempotencyKey?: string | undefined;
}>;

/** Where a page begins: after `offset` of the newest orders, or after the order with `afterSeq`. */
export type OrderPageStart = Readonly<{ offset: number } | { afterSeq: number }>;

/** At most `count` orders. */
export function listOrders(db: Db, filter: OrderFilter, start: OrderPageStart, count: number): Promise<OrderRow[]> {
  const offset = "offset" in start ? start.offset : 0;
  const after = "offset" in start ? sql`` : sql`AND orders.seq < ${start.afterSeq}`;
  const read = db.with(
    "orders",
    () => sql<never>`(
      SELECT found.*
      FROM (SELECT * FROM (${walk(filter, after, offset + count)}) AS walked ORDER BY seq DESC OFFSET ${offset}) AS page
      CROSS JOIN LATERAL (
        SELECT * FROM orders WHERE orders.event_id = page.event_id AND orders.seq = page.seq OFFSET 0) AS found)`,
  );
  return selectOrders(read).orderBy("orders.seq", "desc").execute();
}

/** How many orders the filter matches; an estimate when there are more than `exactTotalMax`. */
export function countOrders(db: Db, filter: OrderFilter): Promise<number> {
  const { accountId, eventId, status } = filter;
  const list = eventId === undefined ? sql`account_id = ${accountId}` : sql`event_id = ${eventId}`;
  const ofStatus = status === undefined ? sql`` : sql`AND status = ${status}`;
  // The planner knows too little of one customer among many, and such lists are short.
  const isPlannable = status !== "PENDING" && !isShort(filter);
  const planned = isPlannable ? sql`SELECT FROM orders WHERE ${list} ${ofStatus}` : undefined;
  return countTotal(db, { walk: (countMax) => walkInAnyOrder(filter, countMax), planned });
}

/** Whether the list has the orders of one customer, payment or key. */
function isShort({ customerRef, paymentReference, idempotencyKey }: OrderFilter): boolean {
  return customerRef !== undefined || paymentReference !== undefined || idempotencyKey !== undefined;
}

/** The event and `seq` of the newest orders that match, at most `countMax`. */
function walk(filter: OrderFilter, after: RawBuilder<unknown>, countMax: number) {
  const { accountId, eventId, status, paymentReference, customerRef, idempotencyKey } = filter;
  if (idempotencyKey !== undefined) return walkKey(filter, idempotencyKey, after);
  if (paymentReference !== undefined) return walkPayment(filter, paymentReference, after, countMax);
  if (customerRef !== undefined) return walkCustomer(filter, customerRef, after, countMax);
  if (eventId !== undefined) {
    const ownEvent = sql`(SELECT id FROM events WHERE id = ${eventId} AND account_id = ${accountId})`;
    return walkEvent(ownEvent, status, after, countMax);
  }
  return sql`
    SELECT newest.event_id, newest.seq FROM events
    CROSS JOIN LATERAL (${walkEvent(sql`events.id`, status, after, countMax)}) AS newest
    WHERE events.account_id = ${accountId} ORDER BY newest.seq DESC LIMIT ${countMax}`;
}

/** As `walk`, for a count: to sort the orders of many events, a count would read as many of each event. */
function walkInAnyOrder(filter: OrderFilter, countMax: number) {
  if (filter.eventId !== undefined || isShort(filter)) return walk(filter, sql``, countMax);
  return sql`
    SELECT FROM events CROSS JOIN LATERAL (${walkEvent(sql`events.id`, filter.status, sql``, countMax)}) AS of_event
    WHERE events.account_id = ${filter.accountId} LIMIT ${countMax}`;
}

function walkEvent(
  eventId: RawBuilder<unknown>,
  status: OrderStatus | undefined,
  after: RawBuilder<unknown>,
  countMax: number,
) {
  const ofStatus = status === undefined ? sql`` : sql`AND orders.status = ${status}`;
  const undecided = status === "PENDING" ? sql`AND orders.seq > ${decidedThrough(eventId)}` : sql``;
  return sql`
    SELECT orders.event_id, orders.seq FROM orders
    WHERE orders.event_id = ${eventId} ${ofStatus} ${undecided} ${after}
    ORDER BY orders.seq DESC LIMIT ${countMax}`;
}

function walkCustomer(filter: OrderFilter, customerRef: string, after: RawBuilder<unknown>, countMax: number) {
  return sql`
    SELECT orders.event_id, orders.seq FROM orders
    WHERE orders.account_id = ${filter.accountId} AND orders.customer_ref COLLATE "C" = ${customerRef}
      ${ofEventAndStatus(filter)} ${after}
    ORDER BY orders.seq DESC LIMIT ${countMax}`;
}

function walkPayment(filter: OrderFilter, reference: string, after: RawBuilder<unknown>, countMax: number) {
  return sql`
    SELECT orders.event_id, orders.seq FROM payments
    CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = payments.order_id OFFSET 0) AS orders
    WHERE payments.account_id = ${filter.accountId} AND payments.reference = ${reference}
      ${ofCustomer(filter)} ${ofEventAndStatus(filter)} ${after}
    ORDER BY orders.seq DESC LIMIT ${countMax}`;
}

/** The subquery finds the order, whatever else it has to match. */
function walkKey(filter: OrderFilter, key: string, after: RawBuilder<unknown>) {
  const { accountId, paymentReference } = filter;
  const ofPayment =
    paymentReference === undefined
      ? sql``
      : sql`AND EXISTS (
        SELECT FROM payments WHERE payments.order_id = orders.id AND payments.reference = ${paymentReference})`;
  return sql`
    SELECT orders.event_id, orders.seq FROM (
      SELECT * FROM orders WHERE account_id = ${accountId} AND idempotency_key = ${key} OFFSET 0) AS orders
    WHERE true ${ofCustomer(filter)} ${ofPayment} ${ofEventAndStatus(filter)} ${after}`;
}

function ofCustomer({ customerRef }: OrderFilter): RawBuilder<unknown> {
  return customerRef === undefined ? sql`` : sql`AND orders.customer_ref COLLATE "C" = ${customerRef}`;
}

/** The cast keeps the planner from walking the event's orders in search of a few. */
function ofEventAndStatus({ eventId, status }: OrderFilter): RawBuilder<unknown> {
  const ofEvent = eventId === undefined ? sql`` : sql`AND orders.event_id::bigint = ${eventId}`;
  return status === undefined ? ofEvent : sql`${ofEvent} AND orders.status = ${status}`;
}
