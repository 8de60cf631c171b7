// Reads the deliveries that are due for an endpoint, the longest due first. No locks: one notifier at a time has the
// endpoint's job, and an attempt that two notifiers make is recorded once (record-attempt.ts). Index used:
// webhook_deliveries_due.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type DueDelivery = Readonly<{
  id: string;
  endpointId: string;
  accountId: number;
  body: string;
  /** Attempts so far: in all, and since the schedule was last begun. */
  attemptCount: number;
  scheduleStep: number;
  url: string;
  /** Sealed: the current secret, then the previous one for as long as it also signs. */
  secrets: readonly Buffer[];
  /** When it was read, by the database's clock. */
  readAt: Date;
}>;

/**
 * @param exceptIds deliveries that are being sent already
 * @param countMax deliveries at most
 * @returns none when the endpoint is disabled
 */
export async function readDueDeliveries(
  db: Db,
  endpointId: string,
  exceptIds: readonly string[],
  countMax: number,
): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery>`
    SELECT d.id, d.endpoint_id AS "endpointId", w.account_id AS "accountId", d.body,
           d.attempt_count AS "attemptCount", d.schedule_step AS "scheduleStep", w.url, clock_timestamp() AS "readAt",
           CASE WHEN w.previous_secret_expires > clock_timestamp() THEN ARRAY[w.secret, w.previous_secret]
                ELSE ARRAY[w.secret] END AS secrets
    FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
    WHERE d.endpoint_id = ${endpointId}::uuid AND d.status = 'PENDING' AND d.next_attempt_at <= clock_timestamp()
      AND w.disabled_at IS NULL AND d.id <> ALL(${exceptIds}::uuid[])
    ORDER BY d.next_attempt_at, d.seq LIMIT ${countMax}`.execute(db);
  return rows;
}
