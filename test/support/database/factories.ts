// Creates accounts, events and orders for tests, through the statements that the services use.
import { strict as assert } from "node:assert";
import { hash } from "node:crypto";
import type { Db } from "@onsale/database/client";
import { createAccount as insertAccount } from "@onsale/database/statements/access/create-account";
import { createEvent } from "@onsale/database/statements/events/create-event";
import { getEvent } from "@onsale/database/statements/events/get-events";
import { type InsertedOrder, insertOrders, type NewOrder } from "@onsale/database/statements/orders/insert-orders";
import { alwaysOpen } from "@onsale/domain/sale-window";

/** The account that the migrations create. */
export const defaultAccountId = 1;

export type TestEvent = Readonly<{ id: number; accountId: number; code: string }>;

export type PlacedOrder = NewOrder & InsertedOrder;

let count = 0;

/** A number that is unique in this process. */
function next(): number {
  return count++;
}

/** An id like a UUIDv7: each is greater than all before it. */
export function newOrderId(): string {
  return `01990000-0000-7000-8000-${next().toString(16).padStart(12, "0")}`;
}

/** A new account, beside the default one. */
export async function createAccount(db: Db): Promise<number> {
  const id = await insertAccount(db, `account ${next()}`);
  assert(id !== undefined);
  return id;
}

/** An event with this many tickets of each type. */
export async function createTestEvent(
  db: Db,
  totals: Readonly<Record<string, number>>,
  accountId = defaultAccountId,
): Promise<TestEvent> {
  const code = `event-${next()}`;
  const ticketTypes = Object.entries(totals).map(([ticketType, total]) => ({ ticketType, total }));
  const times = { startTime: new Date("2030-06-01T19:00:00Z"), endTime: new Date("2030-06-01T23:00:00Z") };
  assert(await createEvent(db, accountId, { code, name: "A show", ...times, ticketTypes }));
  const event = await getEvent(db, accountId, code);
  assert(event !== undefined);
  return { id: event.id, accountId, code };
}

/** An order that can be inserted; by default one STANDARD ticket under a new key. */
export function newOrder(event: TestEvent, part: Partial<NewOrder> = {}): NewOrder {
  const idempotencyKey = `key-${next()}`;
  return {
    id: newOrderId(),
    accountId: event.accountId,
    eventId: event.id,
    ticketType: "STANDARD",
    quantity: 1,
    terms: null,
    strategy: "optimistic",
    customerRef: null,
    idempotencyKey,
    fingerprint: hash("sha256", idempotencyKey, "hex"),
    window: alwaysOpen,
    ...part,
  };
}

/** Inserts orders whose sale is open. */
export async function insertAll(db: Db, orders: readonly NewOrder[]): Promise<readonly InsertedOrder[]> {
  const result = await insertOrders(db, orders);
  assert(result.kind === "inserted");
  return result.orders;
}

/** Inserts one order per part in one statement, and returns them in the order of the parts. */
export async function placeOrders(
  db: Db,
  event: TestEvent,
  parts: readonly Partial<NewOrder>[] = [{}],
): Promise<PlacedOrder[]> {
  const orders = parts.map((part) => newOrder(event, part));
  const inserted = new Map((await insertAll(db, orders)).map((row) => [row.id, row]));
  return orders.map((order) => {
    const row = inserted.get(order.id);
    assert(row !== undefined, "an order that a test arranges has a new key");
    return { ...order, ...row };
  });
}

/** The same part this many times. */
export function times<T>(countOf: number, part: T): T[] {
  return Array.from({ length: countOf }, () => part);
}
