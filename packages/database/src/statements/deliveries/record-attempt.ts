// Records an attempt and its consequences for the delivery and the endpoint, in one statement. When it disables the
// endpoint, the other notifiers are told to stop.
//
// Locks: the delivery's row, then the endpoint's row, which is locked only when it changes: attempts for an endpoint
// that works do not wait for each other. Indexes used: the primary keys. A second run, or that of another notifier
// which made the same attempt, finds a higher count of attempts and does nothing.
import type { AttemptResult } from "@onsale/contracts/webhook";
import { sql } from "kysely";
import { webhookStopsChannel } from "../../announcements/channels.ts";
import type { Db } from "../../client.ts";

export type AttemptToRecord = Readonly<{
  deliveryId: string;
  /** Attempts before this one. */
  attemptCount: number;
  result: AttemptResult;
  status: number | null;
  responseBody: string | null;
  error: string | null;
  startedAt: Date;
  durationMs: number;
  /** Until the next attempt; null when the delivery has succeeded or is given up. */
  nextDelayMs: number | null;
}>;

/** An endpoint that has failed for this long is disabled. */
export const failingDaysMax = 5;
const goneReason = "The receiver answered 410 Gone.";
const failingReason = `Every attempt of ${failingDaysMax} days failed.`;

/** @returns why this attempt disabled the endpoint, or null when it did not */
export async function recordAttempt(db: Db, attempt: AttemptToRecord): Promise<string | null> {
  const { deliveryId, attemptCount, result, status, responseBody, error, startedAt, durationMs, nextDelayMs } = attempt;
  const isDelivered = result === "delivered";
  const newStatus = isDelivered ? "DELIVERED" : nextDelayMs === null ? "FAILED" : "PENDING";
  const { rows } = await sql<{ reason: string | null }>`
    WITH delivery AS (
      UPDATE webhook_deliveries
      SET status = ${newStatus}::webhook_delivery_status, attempt_count = attempt_count + 1,
          schedule_step = schedule_step + 1,
          next_attempt_at = clock_timestamp() + ${nextDelayMs ?? 0}::float8 * interval '1 millisecond',
          finished_at = CASE WHEN ${newStatus} = 'PENDING' THEN NULL ELSE clock_timestamp() END
      WHERE id = ${deliveryId}::uuid AND attempt_count = ${attemptCount}::int AND status = 'PENDING'
      RETURNING id, endpoint_id, attempt_count
    ), logged AS (
      INSERT INTO webhook_attempts
        (delivery_id, number, result, status, response_body, error, started_at, duration_ms)
      SELECT id, attempt_count, ${result}::text, ${status}::int, ${responseBody}::text, ${error}::text,
             ${startedAt}::timestamptz, ${durationMs}::int
      FROM delivery
    )
    UPDATE webhook_endpoints w
    SET failing_since = CASE WHEN ${isDelivered}::boolean THEN NULL
                             ELSE coalesce(w.failing_since, ${startedAt}::timestamptz) END,
        disabled_at = CASE WHEN verdict.reason IS NULL THEN w.disabled_at ELSE clock_timestamp() END,
        disabled_reason = coalesce(verdict.reason, w.disabled_reason)
    FROM delivery, LATERAL (
      SELECT CASE
        WHEN w2.disabled_at IS NOT NULL OR ${isDelivered}::boolean THEN NULL
        WHEN ${result}::text = 'gone' THEN ${goneReason}
        WHEN w2.failing_since < clock_timestamp() - ${failingDaysMax}::int * interval '1 day' THEN ${failingReason}
      END AS reason
      FROM webhook_endpoints w2 WHERE w2.id = delivery.endpoint_id
    ) AS verdict
    WHERE w.id = delivery.endpoint_id
      AND (verdict.reason IS NOT NULL OR (w.failing_since IS NULL) <> ${isDelivered}::boolean)
    RETURNING verdict.reason,
      CASE WHEN verdict.reason IS NOT NULL THEN pg_notify(${webhookStopsChannel}, w.id::text) END`.execute(db);
  return rows[0]?.reason ?? null;
}
