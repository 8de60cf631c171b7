// One buyer: buys with some habits of real ones, learns the decision, and then pays, leaves or gives back.
import { watchOrder } from "@onsale/client";
import type { Order, Purchase } from "@onsale/contracts/order";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import type { Answer } from "../../demo/gateway.ts";
import type { History } from "../history.ts";
import type { ChaosClient } from "./client.ts";

export type BuyerStage = Readonly<{
  client: ChaosClient;
  history: History;
  urls: readonly [string, string];
  db: Db;
  /** The part of the buyers who never ask what became of their order. */
  leaverShare: number;
  /** Who waits for a decision then leaves. */
  closing: AbortSignal;
}>;

const waitSeconds = 5;
const streamMaxMs = 10_000;
const pollCountMax = 8;

/** Plays a buyer to the end, who buys with this key; never throws. */
export async function playBuyer(stage: BuyerStage, key: string, body: Purchase, random: () => number): Promise<void> {
  if (random() < stage.leaverShare) return void (await stage.client.purchase(key, body));
  const bought = await buy(stage, key, body, random);
  const order = bought === undefined ? undefined : await learn(stage, bought, random);
  if (order !== undefined) await goOn(stage, order, random);
}

async function buy({ client }: BuyerStage, key: string, body: Purchase, random: () => number) {
  const habit = random();
  // Some give up at the first lost answer, and never learn what became of their order.
  const patience = random() < 0.05 ? { patienceMs: 0 } : {};
  const waits = random() < 0.4 ? { waitSeconds } : {};
  const buying = client.purchase(key, body, { ...waits, ...patience });
  if (habit < 0.1) await client.purchase(key, body);
  else if (habit < 0.12) await client.purchase(key, { ...body, customerRef: "somebody-else" });
  return orderOf(await buying);
}

function orderOf(answer: Answer | undefined): Order | undefined {
  return answer?.kind === "order" ? answer.order : undefined;
}

/** @returns the order once it is decided; undefined when the buyer does not learn that */
async function learn({ client, history, urls, closing }: BuyerStage, order: Order, random: () => number) {
  if (order.status !== "PENDING") return order;
  const style = random();
  if (style < 0.2) return undefined;
  let known = order;
  if (style < 0.3) {
    await watch(history, random() < 0.5 ? urls[0] : urls[1], order.id);
    known = orderOf(await client.read({ ...order, version: 0 })) ?? order;
  }
  for (let poll = 0; poll < pollCountMax && known.status === "PENDING" && !closing.aborted; poll++) {
    known = orderOf(await client.read(known, style < 0.6 ? waitSeconds : undefined)) ?? known;
  }
  return known.status === "PENDING" ? undefined : known;
}

async function watch(history: History, baseUrl: string, id: string): Promise<void> {
  const beganMs = performance.now();
  try {
    for await (const order of watchOrder({ baseUrl }, id, { signal: AbortSignal.timeout(streamMaxMs) })) {
      history.observe(order, beganMs);
      if (order.status !== "PENDING") return;
    }
  } catch {
    // They stop watching.
  }
}

async function goOn(stage: BuyerStage, order: Order, random: () => number): Promise<void> {
  switch (order.status) {
    case "HELD":
      return goOnHeld(stage, order, random);
    case "CONFIRMED":
      if (random() < 0.15) await giveBack(stage, order, random);
      return;
    case "WAITING":
      if (random() < 0.15) await stage.client.cancel(order, `cancel-${order.id}`);
      return;
    default:
      return;
  }
}

async function goOnHeld(stage: BuyerStage, order: Order, random: () => number): Promise<void> {
  const { client, db } = stage;
  const choice = random();
  const pay = () => client.confirm(order, `pay-${order.id}`);
  if (choice < 0.2) return;
  if (choice < 0.4) return giveBack(stage, order, random);
  if (choice < 0.6) {
    await endHold(db, order.id).catch(() => undefined);
    if (random() < 0.5) await pay();
    return;
  }
  if (choice < 0.7) {
    // From two windows: whichever comes first counts, and the other one is told so.
    await Promise.all([pay(), giveBack(stage, order, random)]);
    return;
  }
  if (choice < 0.8) await client.extend(order, `extend-${order.id}`);
  await pay();
  // A second payment of the same order has to be paid back.
  if (random() < 0.03) await client.confirm(order, `pay-again-${order.id}`);
}

async function giveBack({ client }: BuyerStage, order: Order, random: () => number): Promise<void> {
  const [first] = order.items;
  const isPart = first !== undefined && first.quantity > 1 && random() < 0.5;
  const items = isPart ? [{ ticketType: first.ticketType, quantity: 1 }] : undefined;
  await client.cancel(order, `cancel-${order.id}`, items);
}

/** Lets the hold end now: holds as short as a run needs cannot be bought. */
export async function endHold(db: Db, id: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      UPDATE orders SET expires_at = clock_timestamp() WHERE id = ${id}::uuid AND status = 'HELD'
      RETURNING id`.execute(tx);
    if (rows.length === 0) return;
    // After the order is locked, so that no extension comes between.
    await sql`
      UPDATE holds SET expires_at = orders.expires_at FROM orders
      WHERE order_id = ${id}::uuid AND orders.id = order_id`.execute(tx);
  });
}
