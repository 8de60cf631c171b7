// Every call of the published client, with every option, but those about webhooks and rules.
import { strict as assert } from "node:assert";
import {
  type Client,
  cancel,
  cancelEvent,
  changeEvent,
  confirm,
  createEvent,
  exportOrders,
  extend,
  forgetCustomer,
  getCancellation,
  getOrder,
  getSales,
  history,
  listOrders,
  purchase,
  readChanges,
  watchOrder,
  watchSale,
} from "../../../packages/client/src/index.ts";
import { newKey } from "../http/api.ts";
import { makeEveryRule } from "./every-rule.ts";
import { manageEveryWebhook } from "./every-webhook.ts";

/**
 * Makes every call of the client, with every option.
 *
 * @param startDeciding starts a worker; there is none before
 */
export async function makeEveryCall(client: Client, startDeciding: () => Promise<unknown>): Promise<void> {
  const eventCode = newKey();
  const ticketTypes = [{ ticketType: "STANDARD", total: 10, price: { amount: 4_500, currency: "EUR" } }];
  const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
  await createEvent(client, { code: eventCode, name: "A show", ...times, ticketTypes });
  const { maxPerOrder, sale } = await changeEvent(client, eventCode, { maxPerOrder: 4, salesEnd: times.startTime });
  assert.deepEqual([maxPerOrder, sale.state, sale.closesAt], [4, "open", "2030-06-01T19:00:00.000Z"]);
  const request = { eventCode, ticketType: "STANDARD", quantity: 1, customerRef: "customer-4711" };
  // Without a worker the order stays pending, so the client reads it until the deadline.
  const options = { strategy: "pessimistic", idempotencyKey: newKey(), deadlineMs: 3_000 } as const;
  const { id, version, status } = await purchase(client, request, options);
  assert.equal(status, "PENDING");
  await startDeciding();
  for await (const changed of watchOrder(client, id, { lastVersion: version })) assert.equal(changed.id, id);
  assert.equal((await getOrder(client, id)).status, "CONFIRMED");
  await purchase(client, request);
  await makeEveryChange(client, eventCode);
  await makeEveryRule(client);
  await manageEveryWebhook(client, eventCode, id);
  for await (const sale of watchSale(client, eventCode)) {
    assert.equal(sale.eventCode, eventCode);
    break;
  }
  let count = 0;
  for await (const _ of listOrders(client, { event: eventCode, status: "CONFIRMED", size: 1 })) count++;
  assert.equal(count, 2);
  const references = { customerRef: "customer-4711", paymentReference: "pay-1" };
  for await (const _ of listOrders(client, references)) assert.fail("pay-1 is of another customer's order");
  const ofKey = { event: eventCode, idempotencyKey: options.idempotencyKey };
  for await (const found of listOrders(client, ofKey)) assert.equal(found.id, id);
  await readBooks(client, eventCode, id);
  assert.equal(await forgetCustomer(client, "customer-4711"), 2);
  const { content, nextCursor } = await readChanges(client, eventCode, { size: 1 });
  assert.equal(content[0]?.orderId, id);
  const rest = await readChanges(client, eventCode, { after: nextCursor });
  assert.deepEqual([rest.content.length, rest.content.at(-1)?.to], [6, "CANCELLED"]);
  assert.equal((await cancelEvent(client, eventCode, { reason: "The band is ill." })).eventCode, eventCode);
  assert.equal((await getCancellation(client, eventCode)).reason, "The band is ill.");
}

/** Makes the calls about an event's books, with every option. */
async function readBooks(client: Client, eventCode: string, firstId: string): Promise<void> {
  const times = { from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
  const report = await getSales(client, eventCode, { ...times, interval: "day" });
  assert.deepEqual([report.totals[0]?.netSold, report.orders.cancelled], [2, 1]);
  const statuses: string[] = [];
  for await (const order of exportOrders(client, eventCode, times)) statuses.push(order.status);
  assert.deepEqual(statuses, ["CONFIRMED", "CONFIRMED", "CANCELLED"]);
  const rest = { ...times, status: "CONFIRMED", after: firstId } as const;
  for await (const order of exportOrders(client, eventCode, rest)) assert.notEqual(order.id, firstId);
}

/** Makes every call that changes an order, with every option. Confirms nothing that stays confirmed. */
async function makeEveryChange(client: Client, eventCode: string): Promise<void> {
  const basket = { eventCode, items: [{ ticketType: "STANDARD", quantity: 2 }], hold: true, allowPartial: true };
  const held = await purchase(client, { ...basket, holdSeconds: 60 });
  const { version } = await extend(client, held.id, 120, { ifMatch: held.version, idempotencyKey: newKey() });
  const confirmed = await confirm(client, held.id, { paymentReference: "pay-1" });
  assert.deepEqual([confirmed.version, confirmed.total?.amount], [version + 1, 9_000]);
  const one = [{ ticketType: "STANDARD", quantity: 1 }];
  const options = { items: one, reason: "A test.", ifMatch: confirmed.version, idempotencyKey: newKey() };
  await cancel(client, held.id, options);
  // A basket's items have prices, which the request must not have.
  const { status } = await cancel(client, held.id, {
    items: confirmed.items.map((item) => ({ ...item, quantity: 1 })),
  });
  assert.equal(status, "CANCELLED");
  const transitions = await history(client, held.id);
  assert.deepEqual(
    transitions.map(({ to, items }) => [to, items]),
    [
      ["HELD", undefined],
      ["HELD", undefined],
      ["CONFIRMED", undefined],
      ["CONFIRMED", one],
      ["CANCELLED", undefined],
    ],
  );
}
