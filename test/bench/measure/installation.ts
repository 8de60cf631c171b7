// A contestant on a new database, and the events that a load buys.
import { createDatabase, type Db } from "@onsale/database/client";
import { indexPlans } from "@onsale/database/index-plans";
import { createEvent, type EventToCreate } from "@onsale/database/statements/events/create-event";
import type { Pool } from "pg";
import type { Arena, HttpContestant, RunningContestant } from "../contestants/contestant.ts";
import { eventCodeOf } from "../load/plan.ts";

export type BenchEvent = Readonly<{ id: number; code: string }>;

export type Installation = RunningContestant &
  Readonly<{
    contestant: HttpContestant;
    databaseUrl: string;
    pool: Pool;
    db: Db;
    /** Creates the events with these numbers, each with `total` tickets. */
    createEvents: (indexes: readonly number[], total: number, rules?: BenchRules) => Promise<BenchEvent[]>;
  }>;

/** The rules of events, and of their ticket type. */
export type BenchRules = Readonly<{
  event: Pick<EventToCreate, "salesStart" | "salesEnd" | "maxPerOrder" | "maxPerCustomer" | "pools">;
  ticketType: Pick<EventToCreate["ticketTypes"][number], "maxPerCustomer" | "pools">;
}>;

const accountId = 1;
const connectionCountMax = 8;
const statementTimeoutMs = 120_000;

/** Starts a contestant on a new database, calls `use`, then stops the contestant and drops the database. */
export async function withInstallation<T>(
  arena: Arena,
  contestant: HttpContestant,
  kind: "empty" | "old-orders",
  use: (installation: Installation) => Promise<T>,
): Promise<T> {
  const database = await arena.server.createDatabase(kind);
  const options = {
    url: database.url,
    connectionCountMax,
    applicationName: "onsale-bench",
    statementTimeoutMs,
    settings: indexPlans,
  };
  const db = createDatabase(options);
  try {
    const running = await contestant.start(arena, database.url);
    try {
      const createEvents = (indexes: readonly number[], total: number, rules?: BenchRules) =>
        createAll(db, database.pool, indexes.map(eventCodeOf), total, rules);
      return await use({ ...running, contestant, databaseUrl: database.url, pool: database.pool, db, createEvents });
    } finally {
      await running.stop();
    }
  } finally {
    await db.destroy();
    await database.drop();
  }
}

async function createAll(
  db: Db,
  pool: Pool,
  codes: readonly string[],
  total: number,
  rules?: BenchRules,
): Promise<BenchEvent[]> {
  const startTime = new Date(Date.now() + 30 * 24 * 3_600_000);
  const endTime = new Date(startTime.getTime() + 3_600_000);
  const ticketTypes = [{ ticketType: "STANDARD", total, ...rules?.ticketType }];
  // No more at a time than there are connections: further ones would wait for a connection, and time out.
  for (let begin = 0; begin < codes.length; begin += connectionCountMax) {
    const some = codes.slice(begin, begin + connectionCountMax);
    await Promise.all(
      some.map((code) =>
        createEvent(db, accountId, { code, name: "A show", startTime, endTime, ticketTypes, ...rules?.event }),
      ),
    );
  }
  const { rows } = await pool.query<BenchEvent>("SELECT id, code FROM events WHERE code = ANY($1) ORDER BY id", [
    codes,
  ]);
  const ids = rows.map(({ id }) => id);
  await pool.query("INSERT INTO lean_stock (event_id, ticket_type, total) SELECT unnest($1::int[]), 'STANDARD', $2", [
    ids,
    total,
  ]);
  return rows;
}
