// Races for one order, or for one end of a hold: many clients want the same, and it must happen once.
import { strict as assert } from "node:assert";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { type Answered, type Ask, askUntilAnswered, cancel, confirm, extend, purchase, type Random } from "./ask.ts";
import type { KillableInstallation } from "./killable-installation.ts";
import type { OrderBook } from "./order-books.ts";

/** Requests on the orders of one event. */
export type Race = Readonly<{
  eventCode: string;
  asks: readonly Ask[];
  /** The order that all requests are about, if there is one. */
  contestedId?: string;
  /** Called when the requests are about to be sent. */
  begin?: () => Promise<void>;
  /** Checks what no order shows by itself: who won, and how often. */
  check: (books: readonly OrderBook[], answers: readonly Answered[]) => void;
}>;

/** @param count how many requests it has */
export type CreateRace = (installation: KillableInstallation, count: number, random: Random) => Promise<Race>;

const times = <T>(count: number, create: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => create(i));

/** An event, and orders of it that are held or confirmed. */
async function arrange(
  installation: KillableInstallation,
  random: Random,
  total: number,
  orders: readonly Readonly<{ quantity: number; isHold: boolean }>[],
): Promise<Readonly<{ eventCode: string; ids: readonly string[] }>> {
  const eventCode = await installation.apis[0].createEvent({ STANDARD: total });
  const asks = orders.map(({ quantity, isHold }) => purchase(eventCode, quantity, isHold));
  const answers = await Promise.all(asks.map((ask) => askUntilAnswered(installation, ask, random)));
  return { eventCode, ids: answers.map(({ body }) => body.id) };
}

async function arrangeOne(installation: KillableInstallation, random: Random, quantity: number, isHold: boolean) {
  const { eventCode, ids } = await arrange(installation, random, quantity + 5, [{ quantity, isHold }]);
  return { eventCode, id: ids[0] ?? "" };
}

/** How many answers there are of each kind. */
function tally(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const kind = status === 200 ? `200 ${body.status} ${body.version}` : `${status} ${body.code}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Many cancel one order, with a common key, with keys of their own, and without. */
const cancelOnce: CreateRace = async (installation, count, random) => {
  const { eventCode, id } = await arrangeOne(installation, random, 4, random() < 0.5);
  const keys = [() => "common", (index: number) => `own-${index}`, () => undefined];
  return {
    eventCode,
    contestedId: id,
    asks: times(count, (index) => cancel(id, null, keys[index % keys.length]?.(index))),
    check: ([book], answers) => {
      assert.deepEqual(tally(answers), { "200 CANCELLED 3": count });
      assert.deepEqual([book?.history.length, book?.returned], [1, 4]);
    },
  };
};

/** Many confirm one order, for payments of which one wins; each of the others is to be refunded once. */
const confirmOnce: CreateRace = async (installation, count, random) => {
  const { eventCode, id } = await arrangeOne(installation, random, 2, true);
  const references = times(5, (index) => `pay-${index}`);
  return {
    eventCode,
    contestedId: id,
    asks: times(count, (index) => confirm(id, references[index % references.length] ?? "")),
    check: ([book], answers) => {
      assert(book !== undefined);
      assert.deepEqual([book.status, book.history.length], ["CONFIRMED", 1]);
      const outcomeOf = (reference: string) => (reference === book.paymentReference ? "confirmed" : "refund-required");
      assert.deepEqual(
        book.payments,
        references.map((reference) => `${reference} ${outcomeOf(reference)}`),
      );
      const won = count / references.length;
      assert.deepEqual(tally(answers), { "200 CONFIRMED 3": won, "409 already-confirmed": count - won });
    },
  };
};

/** Many extend one hold with the same key: all get the answer of the one that did. */
const extendWithOneKey: CreateRace = async (installation, count, random) => {
  const { eventCode, id } = await arrangeOne(installation, random, 1, true);
  return {
    eventCode,
    contestedId: id,
    asks: times(count, () => extend(id, "common")),
    check: ([book], answers) => {
      assert.deepEqual(tally(answers), { "200 HELD 3": count });
      assert.equal(new Set(answers.map(({ body }) => body.expiresAt)).size, 1);
      assert.deepEqual(
        book?.history.map(({ reason, key }) => [reason, key]),
        [["extended", "common"]],
      );
    },
  };
};

/** Many extend one hold, with keys of their own or without: one does, and the others are told that it was done. */
const extendOnce: CreateRace = async (installation, count, random) => {
  const { eventCode, id } = await arrangeOne(installation, random, 1, true);
  return {
    eventCode,
    contestedId: id,
    asks: times(count, (index) => extend(id, index % 2 === 0 ? `own-${index}` : undefined)),
    check: ([book], answers) => {
      const { "200 HELD 3": extendedCount = 0, ...others } = tally(answers);
      assert.deepEqual(others, { "409 hold-extended-before": count - extendedCount });
      assert.deepEqual(
        book?.history.map(({ reason }) => reason),
        ["extended"],
      );
      // One without a key that lost its answer is told, when it asks again, that the hold was extended before.
      const key = book?.history[0]?.key ?? null;
      const mayBeLost = key === null && answers.some(({ ask, attemptCount }) => !ask.key && attemptCount > 1);
      assert(extendedCount === 1 || (extendedCount === 0 && mayBeLost), `${extendedCount} extended it`);
      const winner = answers.find(({ status }) => status === 200);
      if (winner !== undefined) assert.equal(winner.ask.key ?? null, key);
    },
  };
};

/** Many give back parts of one order that together are more than it has: some share a key, others have none. */
const cancelParts: CreateRace = async (installation, count, random) => {
  const quantity = 40;
  const isHold = random() < 0.5;
  const { eventCode, id } = await arrangeOne(installation, random, quantity, isHold);
  const keys = times(5, (index) => `part-${index}`);
  return {
    eventCode,
    contestedId: id,
    asks: times(count, (index) => (index % 4 === 3 ? cancel(id, 3) : cancel(id, 2, keys[index % keys.length]))),
    check: ([book], answers) => {
      assert(book !== undefined);
      // What is left is less than those without a key want, who try until it is.
      assert(book.status === "CANCELLED" || book.quantity < 3, `${book.quantity} are left`);
      const { history } = book;
      const isLast = ({ to }: OrderBook["history"][number]) => to === "CANCELLED";
      for (const { to, key, returned } of history) {
        if (to !== "CANCELLED") assert.equal(returned, key === null ? 3 : 2);
      }
      for (const key of keys) {
        const own = history.filter((transition) => transition.key === key);
        assert(own.length <= 1, `${key} cancelled ${own.length} times`);
        const statuses = new Set(answers.filter(({ ask }) => ask.key === key).map(({ status }) => status));
        // Who asks for what the order had last when it was cancelled gets its answer.
        const mayRepeat = history.some(isLast) && book.quantity === 2;
        if (own.length === 1) assert.deepEqual([...statuses], [200]);
        else assert(!statuses.has(200) || mayRepeat, `${key} was answered 200 and cancelled nothing`);
      }
      const without = answers.filter(({ ask, status }) => ask.key === undefined && status === 200);
      const cancelledWithout = history.filter(({ key }) => key === null).length;
      const isAnswerOfAll = history.some(isLast) && book.quantity === 3;
      assert(without.length <= cancelledWithout || isAnswerOfAll, `${without.length} without a key were answered 200`);
      assert(answers.every(({ status, body }) => status === 200 || body.code === "items-exceed-order"));
    },
  };
};

const clientsPerOrder = 5;
/** When holds end: over so long that killed gateways are there again, and many payments come in time. */
const endsAfterMs = 200;
const endsWithinMinMs = 1_000;
const endsPerAskMs = 2;
/** How long before or after the end its buyers begin to pay, and for how long they do. */
const paysAroundMs = 150;
const paysWithinMs = 50;

/**
 * Buyers pay just when their holds end, and others want what comes back. Whoever commits first wins: an order is paid
 * in time, or expires; an expired one is paid late when its tickets are left, else the payment is to be refunded.
 */
export const confirmOrExpire: CreateRace = async (installation, count, random) => {
  const orderCount = Math.ceil((count * 0.9) / clientsPerOrder);
  const holds = times(orderCount, () => ({ quantity: 1 + Math.floor(random() * 2), isHold: true }));
  const total = holds.reduce((sum, { quantity }) => sum + quantity, 0);
  const { eventCode, ids } = await arrange(installation, random, total, holds);
  const endsWithinMs = endsWithinMinMs + count * endsPerAskMs;
  const ends = ids.map((id) => ({ id, endsInMs: endsAfterMs + random() * endsWithinMs }));
  const payments = ends.flatMap(({ id, endsInMs }) => {
    const beginsMs = endsInMs + (random() * 2 - 1) * paysAroundMs;
    return times(clientsPerOrder, () => ({ ...confirm(id, `pay-${id}`), afterMs: beginsMs + random() * paysWithinMs }));
  });
  const buyers = times(count - payments.length, () => ({
    ...purchase(eventCode, 1),
    afterMs: random() * endsWithinMs,
  }));
  return {
    eventCode,
    asks: [...payments, ...buyers],
    begin: () => endHolds(installation.db, ends),
    check: (books, answers) => {
      for (const book of books.filter(({ id }) => ids.includes(id))) {
        const own = answers.filter(({ ask }) => ask.orderId === book.id);
        checkPaidOrExpired(book, own);
      }
    },
  };
};

function checkPaidOrExpired({ status, history, payments, id }: OrderBook, answers: readonly Answered[]): void {
  const kinds = [...new Set(answers.map(({ status, body }) => (status === 200 ? body.status : body.code)))];
  const path = history.map(({ to, isInTime }) => `${to}${isInTime === true ? " in time" : ""}`).join(", ");
  if (status === "CONFIRMED") {
    assert(["CONFIRMED in time", "EXPIRED, CONFIRMED"].includes(path), path);
    assert.deepEqual([kinds, payments], [["CONFIRMED"], [`pay-${id} confirmed`]]);
  } else {
    assert.deepEqual([status, path, kinds], ["EXPIRED", "EXPIRED", ["hold-expired"]]);
    assert.deepEqual(payments, [`pay-${id} refund-required`]);
  }
}

/** Sets when holds end: holds as short as these cannot be bought. */
async function endHolds(db: Db, ends: readonly Readonly<{ id: string; endsInMs: number }>[]): Promise<void> {
  await sql`
    WITH given AS MATERIALIZED (
      SELECT id, clock_timestamp() + in_ms * interval '1 millisecond' AS at
      FROM unnest(${ends.map(({ id }) => id)}::uuid[], ${ends.map(({ endsInMs }) => endsInMs)}::float8[])
        AS given (id, in_ms)
    ), of_orders AS (
      UPDATE orders SET expires_at = given.at FROM given WHERE orders.id = given.id
    )
    UPDATE holds SET expires_at = given.at FROM given WHERE order_id = given.id`.execute(db);
}

/** Races for one order, by what must happen once. */
export const racesForOne: Readonly<Record<string, CreateRace>> = {
  "a cancellation": cancelOnce,
  "a confirmation": confirmOnce,
  "an extension with one key": extendWithOneKey,
  "an extension": extendOnce,
  "cancellations of parts": cancelParts,
};
