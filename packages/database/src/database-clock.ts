// PostgreSQL's clock, as this process estimates it. Its distance from the monotonic clock of this process is measured
// with a round trip every two seconds, so it does not matter what this machine takes for the time of day. The estimate
// is wrong by at most half of the round trip, unless PostgreSQL's clock was set meanwhile. It is good for answers that
// come early; what must be exact is decided by PostgreSQL.
import { startLoop } from "@onsale/lifecycle/loop";
import type { Db } from "./client.ts";
import { readClock } from "./statements/operations/read-clock.ts";

/** What a round trip told. */
type Measurement = Readonly<{ distanceMs: number; errorMs: number }>;

/** An estimate of PostgreSQL's clock. */
export type DatabaseClock = Readonly<{
  /** Milliseconds since 1970. */
  nowMs: () => number;
  /** How far `nowMs` may be from PostgreSQL's clock. */
  errorMs: () => number;
  close: () => Promise<void>;
}>;

const pauseMs = 2_000;
/** The two clocks drift apart by 0.5 ms a second at most while one of them is corrected; and a scheduler's delay. */
const driftMs = 5;

/** Measures once before it returns. When a later measurement fails, the last one stays. */
export async function openDatabaseClock(db: Db, onError: (error: Error) => void): Promise<DatabaseClock> {
  let measured = await measure(db);

  async function run(): Promise<void> {
    measured = await measure(db);
  }

  const loop = startLoop({ run, pauseMs, onError });
  return {
    nowMs: () => performance.now() + measured.distanceMs,
    errorMs: () => measured.errorMs,
    close: loop.close,
  };
}

/** On one connection, so that waiting for a free one is not part of the round trip. */
function measure(db: Db): Promise<Measurement> {
  return db.connection().execute(async (connection) => {
    const sentAtMs = performance.now();
    const databaseMs = await readClock(connection);
    const halfMs = (performance.now() - sentAtMs) / 2;
    return { distanceMs: databaseMs - sentAtMs - halfMs, errorMs: halfMs + driftMs };
  });
}
