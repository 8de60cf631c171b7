// Each fact of each order was posted, under one id of its own, and told what is in the database.
import type { Faults } from "../../support/faults.ts";
import type { Facts, ReceivedFact, StoredOrder } from "../facts.ts";
import { decidedVersion, statesOf } from "./order-states.ts";

const typeByStatus: Readonly<Record<string, string>> = { WAITING: "order.waitlisted" };
const typeOf = (status: string) => typeByStatus[status] ?? `order.${status.toLowerCase()}`;
const refundType = "order.refund_required";

/** Compares what the receiver got with the histories of the orders. The endpoint wants all facts of all events. */
export function checkWebhooks({ orders, received }: Facts, faults: Faults): void {
  const byOrder = Map.groupBy(received, ({ order }) => order.id);
  for (const order of orders) {
    checkFacts(order, byOrder.get(order.id) ?? [], faults);
    byOrder.delete(order.id);
  }
  for (const id of byOrder.keys()) faults.note("a webhook told of an order that does not exist", id);
  const facts = new Map<string, string>();
  for (const { webhookId, type, order } of received) {
    const fact = `${order.id} ${type} ${order.version}`;
    if ((facts.get(webhookId) ?? fact) !== fact) faults.note("two facts share a webhook-id", webhookId);
    facts.set(webhookId, fact);
  }
}

function checkFacts(order: StoredOrder, received: readonly ReceivedFact[], faults: Faults): void {
  const wanted = factsOf(order);
  const got = Map.groupBy(received, ({ type, order: { version } }) => `${type} ${version}`);
  for (const fact of wanted) if (!got.has(fact)) faults.note("a webhook is missing", `${order.id}: ${fact}`);
  const states = new Map(statesOf(order).map(({ version, status }) => [version, status]));
  for (const [fact, posts] of got) {
    const [first] = posts;
    if (first === undefined || first.type === refundType) continue;
    if (!wanted.has(fact)) faults.note("a webhook told what never was", `${order.id}: ${fact}`);
    const ids = new Set(posts.map(({ webhookId }) => webhookId));
    if (ids.size > 1) faults.note("a fact has several webhook-ids", `${order.id}: ${fact}`);
    for (const { order: seen } of posts) {
      if (states.get(seen.version) === seen.status) continue;
      faults.note("a webhook and the database differ", `${order.id}: ${seen.status}, version ${seen.version}`);
    }
  }
  const refunds = new Set(received.filter(({ type }) => type === refundType).map(({ webhookId }) => webhookId));
  if (refunds.size !== order.refunds.length) {
    faults.note("refunds were not told once each", `${order.id}: ${refunds.size} of ${order.refunds.length}`);
  }
}

/** The facts that an order's history has, as docs/webhooks.md names them: type and version. */
function factsOf(order: StoredOrder): Set<string> {
  const decided = statesOf(order).find(({ version }) => version === decidedVersion);
  const facts = new Set(decided === undefined ? [] : [`${typeOf(decided.status)} ${decidedVersion}`]);
  for (const { version, from, to, returned } of order.history) {
    if (returned !== null) facts.add(`order.cancelled ${version}`);
    else if (from === "WAITING" && to === "HELD") facts.add(`order.offered ${version}`);
    else if (from !== to) facts.add(`${typeOf(to)} ${version}`);
  }
  return facts;
}
