// Runs races while processes are killed, watches the stock meanwhile, and checks everything afterwards.
import { strict as assert } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import { untilAllDecided } from "../services/installation.ts";
import { untilTrue } from "../until.ts";
import { askAll, type Kill, type Random } from "./ask.ts";
import type { KillableInstallation } from "./killable-installation.ts";
import { assertConsistent, countReturns, readBooks } from "./order-books.ts";
import type { CreateRace } from "./races.ts";

const pauseMs = 20;

/**
 * Runs races at the same time.
 *
 * @param count requests of each race
 * @param kills the moments count the answers of all races
 * @returns how many requests were sent again, and how often the stock was read
 */
export async function runRaces(
  installation: KillableInstallation,
  kinds: readonly CreateRace[],
  { count, kills, random }: Readonly<{ count: number; kills: readonly Kill[]; random: Random }>,
): Promise<Readonly<{ repeatedCount: number; readCount: number }>> {
  const races = await Promise.all(kinds.map((create) => create(installation, count, random)));
  const eventCodes = races.map(({ eventCode }) => eventCode);
  const watching = watchStock(installation, eventCodes);
  await Promise.all(races.map(({ begin }) => begin?.()));
  const asks = races.flatMap((race) => race.asks);
  // Of one order only, because a gateway leaves out a locked order when it changes several.
  const contestedId = races.find((race) => race.contestedId !== undefined)?.contestedId;
  const asking = askAll(installation, { asks, contestedId, kills }, random).finally(watching.end);
  const [answers, readCount] = await Promise.all([asking, watching.ended]);

  await untilSettled(installation, eventCodes);
  let next = 0;
  for (const { eventCode, asks, check } of races) {
    const own = answers.slice(next, next + asks.length);
    next += asks.length;
    const books = await readBooks(installation.db, eventCode);
    for (const book of books) {
      assertConsistent(
        book,
        own.filter(({ body, status }) => status === 200 && body.id === book.id),
      );
    }
    const known = new Set(books.map(({ id }) => id));
    assert(own.every(({ status, body }) => status !== 200 || known.has(body.id)));
    check(books, own);
  }
  return { repeatedCount: answers.filter(({ attemptCount }) => attemptCount > 1).length, readCount };
}

/** Waits until no order is pending and all returns are on sale, and audits the events. */
export async function untilSettled({ apis, db }: KillableInstallation, eventCodes: readonly string[]): Promise<void> {
  for (const eventCode of eventCodes) await untilAllDecided(apis[0], eventCode);
  await untilTrue("all returns are on sale", async () => (await countReturns(db)) === 0);
  for (const eventCode of eventCodes) await apis[0].assertSound(eventCode);
}

/** Reads and audits the stock of events all the time, at any gateway that answers. */
export function watchStock({ apis }: KillableInstallation, eventCodes: readonly string[]) {
  let isOver = false;
  let readCount = 0;
  let isFirst = true;

  async function read(eventCode: string): Promise<void> {
    const api = isFirst ? apis[0] : apis[1];
    isFirst = !isFirst;
    const [{ body: stock, status }, audit] = await Promise.all([
      api.get<Awaited<ReturnType<typeof api.inventory>>>(`/api/v1/inventory/${eventCode}`),
      api.get<Awaited<ReturnType<typeof api.audit>>>(`/api/v1/events/${eventCode}/audit`),
    ]);
    // A gateway that starts is not ready for a moment.
    if (status !== 200 || audit.status !== 200) return;
    for (const { sold, held, available, total } of stock) {
      assert.equal(sold + held + available, total);
      assert(Math.min(sold, held, available) >= 0, `${sold} sold, ${held} held, ${available} available`);
    }
    const failed = audit.body.checks.filter(({ ok }) => !ok);
    assert.deepEqual(failed, []);
    readCount++;
  }

  async function readOn(): Promise<number> {
    while (!isOver) {
      for (const eventCode of eventCodes) {
        await read(eventCode).catch((error: unknown) => {
          // No gateway answers for a moment.
          if (!(error instanceof TypeError)) throw error;
        });
        await delay(pauseMs);
      }
    }
    return readCount;
  }

  return {
    end: () => {
      isOver = true;
    },
    ended: readOn(),
  };
}
