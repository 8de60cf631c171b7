import { untilTrue } from "../../../support/until.ts";
import { findHttpContestant } from "../../contestants/http-contestants.ts";
import { checkSoundness } from "../../measure/check-soundness.ts";
import { type BenchEvent, type Installation, withInstallation } from "../../measure/installation.ts";
import { checkNothingLost, costOf, measureLoad } from "../../measure/measure-load.ts";
import { transitionFigures } from "../../measure/transition-figures.ts";
import type { Figures } from "../../names.ts";
import { onsaleNames, purchasesOfOne, type Scenario, stockForAll, usualConnections, warmUp } from "../scenario.ts";

const holdCount = 100_000;
const saleShare = 0.3;
/** The holds are recorded and a checkpoint is made before they are due. */
const dueInMs = 15_000;
/** The cost of an expiry is measured with fewer, and without a sale. */
const costCount = 20_000;
const costDueInMs = 2_000;
const expireMaxMs = 60_000;

/**
 * Measures the purchases of one event at 30 % of the full speed, first alone, and then while 100,000 holds of the same
 * event are due at once. They must end in time, and must not delay the purchases.
 */
export const expiringHolds: Scenario = {
  name: "expiring-holds",
  contestants: onsaleNames,
  loadCount: 7,
  run: (name, { arena, seconds }) =>
    withInstallation(arena, findHttpContestant(name), "empty", async (installation) => {
      const ratePerSecond = (await warmUp(installation)) * saleShare;
      const events = await installation.createEvents([0], stockForAll);
      const measure = async () => {
        const connections = Math.ceil(usualConnections * saleShare);
        const load = { connections, ratePerSecond, seconds, request: purchasesOfOne() };
        const outcome = await measureLoad(installation, events, load);
        await checkNothingLost(installation, events, outcome);
        return outcome;
      };
      const alone = await measure();
      const dueAtMs = await placeHolds(installation, events, holdCount, dueInMs);
      await installation.pool.query("CHECKPOINT");
      await untilTrue("the holds are due", async () => Date.now() >= dueAtMs, dueInMs);

      const beside = await measure();
      const expirySeconds = ((await lastExpiryMs(installation, events)) - dueAtMs) / 1_000;
      const cost = await measureExpiries(installation, events);
      await checkSoundness(installation, events);
      return {
        ...beside.figures,
        "othersAlone.p99Ms": alone.figures["decision.p99Ms"] ?? Number.NaN,
        "othersBeside.p99Ms": beside.figures["decision.p99Ms"] ?? Number.NaN,
        expirySeconds,
        ...transitionFigures("expiry", cost),
      };
    }),
};

/** Records held orders that are all due at the same moment, and returns when that is, in milliseconds since 1970. */
async function placeHolds(
  { pool }: Installation,
  [event]: readonly BenchEvent[],
  count: number,
  inMs: number,
): Promise<number> {
  const { rows } = await pool.query(
    `WITH placed AS (
       INSERT INTO orders (id, account_id, event_id, ticket_type, quantity, strategy, idempotency_key, fingerprint,
                           terms, status, version, decided_at, expires_at)
       SELECT gen_random_uuid(), 1, $1::int, 'STANDARD', 1, 'optimistic', gen_random_uuid()::text, sha256(int8send(n)),
              '{"holdSeconds": 30}', 'HELD', 2, now(), now() + $3::int * interval '1 ms'
       FROM generate_series(1, $2::bigint) n
       RETURNING id, seq, event_id, quantity, expires_at
     ), held AS (
       INSERT INTO holds (order_id, ticket_type, event_id, quantity, expires_at)
       SELECT id, 'STANDARD', event_id, quantity, expires_at FROM placed
       RETURNING expires_at
     ), drawn AS (
       UPDATE inventory SET allocated = allocated + $2::int, version = version + 1,
                            decided_seq = (SELECT max(seq) FROM placed)
       WHERE event_id = $1
     ), advanced AS (
       UPDATE buckets SET version = version + 1, decided_seq = (SELECT max(seq) FROM placed) WHERE bucket = $1 & 63
     )
     SELECT (extract(epoch FROM max(expires_at)) * 1000)::float8 AS due FROM held`,
    [event?.id, count, inMs],
  );
  return Number(rows[0].due);
}

/** Without a checkpoint before: after one, PostgreSQL would write the page of each order into the WAL as a whole. */
async function measureExpiries(installation: Installation, events: readonly BenchEvent[]): Promise<Figures> {
  const dueAtMs = await placeHolds(installation, events, costCount, costDueInMs);
  await untilTrue("the holds are due", async () => Date.now() >= dueAtMs, costDueInMs);
  let lastMs = dueAtMs;
  const { figures } = await costOf(installation, installation.processes, async () => {
    lastMs = await lastExpiryMs(installation, events);
    return costCount;
  });
  return { ...figures, decidedPerSecond: costCount / ((lastMs - dueAtMs) / 1_000) };
}

/** Waits until no hold is left, and returns when the last one ended, in milliseconds since 1970. */
async function lastExpiryMs({ pool }: Installation, [event]: readonly BenchEvent[]): Promise<number> {
  const isEmpty = async () => (await pool.query("SELECT FROM holds LIMIT 1")).rowCount === 0;
  await untilTrue("all holds have expired", isEmpty, expireMaxMs);
  const { rows } = await pool.query(
    "SELECT (extract(epoch FROM max(at)) * 1000)::float8 AS last FROM order_history WHERE event_id = $1",
    [event?.id],
  );
  return Number(rows[0].last);
}
