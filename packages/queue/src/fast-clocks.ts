// On PostgreSQL, BullMQ takes two times from the clock of the process that writes them: the end of a job's lock, and
// the last look for jobs whose process has died. When a clock is an hour fast, both are an hour ahead. Then nobody
// takes a dead process's job for an hour, nor another one of its lane: an endpoint would get no webhook. So each
// consumer brings such times back, by the clock of PostgreSQL. A process that lives extends its lock again, before the
// new end.
import { type Loop, startLoop } from "@onsale/lifecycle/loop";
import type { PgPool } from "bullmq";

/**
 * Starts to bring back times that are further ahead than any right clock would have put them.
 *
 * @param lockDurationMs how long a lock lasts, and between two rounds
 */
export function startFastClocks(
  pool: PgPool,
  queueNames: readonly string[],
  lockDurationMs: number,
  onError: (error: Error) => void,
): Loop {
  const values = [queueNames, lockDurationMs];
  const run = async () => {
    await pool.query(bringBackLooks, values);
    await pool.query(bringBackLocks, values);
  };
  return startLoop({ run, pauseMs: lockDurationMs, onError });
}

const clock = "clock AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms)";

const bringBackLooks = `
  WITH ${clock}
  UPDATE meta SET value = now_ms::text FROM clock
  WHERE queue = ANY($1::text[]) AND field = 'stalled-check' AND value::bigint > now_ms + $2::bigint`;

/** Jobs that BullMQ has locked at this moment are left to the next round. */
const bringBackLocks = `
  WITH ${clock}, fast AS (
    SELECT queue, id FROM job, clock
    WHERE queue = ANY($1::text[]) AND state = 'active' AND locked_until_ms > now_ms + 2 * $2::bigint
    FOR UPDATE OF job SKIP LOCKED
  )
  UPDATE job SET locked_until_ms = now_ms + $2::bigint FROM clock, fast
  WHERE job.queue = fast.queue AND job.id = fast.id`;
