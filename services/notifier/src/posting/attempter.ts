// Makes one attempt at a delivery: signs it, posts it and records the outcome. An attempt that could not be recorded is
// repeated, so a receiver gets each delivery at least once, always under the same `webhook-id`.
import type { Db } from "@onsale/database/client";
import type { DueDelivery } from "@onsale/database/statements/deliveries/read-due-deliveries";
import { recordAttempt } from "@onsale/database/statements/deliveries/record-attempt";
import { crashAt } from "@onsale/lifecycle/failpoints";
import type { Logger } from "@onsale/observability/logger";
import type { Metrics } from "@onsale/observability/metrics";
import { openSecret } from "@onsale/security/webhook-secret";
import { webhookHeaders } from "@onsale/security/webhook-signature";
import type { Permit } from "./permit.ts";
import type { Poster, PostOutcome } from "./poster.ts";
import { nextAttemptDelayMs } from "./retry-schedule.ts";

/** How an attempt ended; "withdrawn" when its permit ended before anything was sent. */
export type AttemptEnd = Readonly<{ kind: "delivered" | "failed" | "withdrawn"; durationMs: number }>;

/**
 * @param onGone called as soon as the receiver says that it wants nothing more
 * @throws when the attempt could not be recorded
 */
export type Attempt = (delivery: DueDelivery, permit: Permit, onGone: () => void) => Promise<AttemptEnd>;

export type AttempterOptions = Readonly<{
  /** Decrypts the endpoints' secrets; 32 bytes. */
  key: Buffer;
  /** Seconds before each attempt. */
  schedule: readonly number[];
}>;

export function createAttempter(
  db: Db,
  poster: Poster,
  { key, schedule }: AttempterOptions,
  metrics: Metrics,
  logger: Logger,
): Attempt {
  const attempts = metrics.counter("webhook_attempts_total");
  const duration = metrics.histogram("webhook_attempt_duration_seconds");

  async function post(delivery: DueDelivery, startedAt: Date, permit: Permit): Promise<PostOutcome> {
    const { id, endpointId, url, body, secrets } = delivery;
    let opened: string[];
    try {
      opened = secrets.map((sealed) => openSecret(key, endpointId, sealed));
    } catch {
      const error =
        "the endpoint's secret cannot be decrypted; is WEBHOOK_SECRET_KEY the key that it was encrypted with?";
      return { result: "internal-error", error, status: null, responseBody: null, retryAfterSeconds: null };
    }
    const timestamp = Math.floor(startedAt.getTime() / 1_000);
    const headers = {
      "content-type": "application/json",
      "user-agent": "Onsale-Webhooks/1",
      "content-length": String(Buffer.byteLength(body)),
      ...webhookHeaders({ id, timestamp, body }, opened),
    };
    return poster.post(url, headers, body, permit);
  }

  return async (delivery, permit, onGone) => {
    const { id: deliveryId, endpointId, attemptCount, scheduleStep } = delivery;
    const startedAt = new Date(permit.nowMs());
    const startedAtMs = performance.now();
    crashAt("delivery.before-post");
    const { retryAfterSeconds, cause, result, ...answer } = await post(delivery, startedAt, permit);
    crashAt("delivery.posted");
    const durationMs = Math.round(performance.now() - startedAtMs);
    if (result === "withdrawn") return { kind: "withdrawn", durationMs };
    if (result === "gone") onGone();
    attempts.inc({ result });
    duration.observe(durationMs / 1_000);
    if (cause !== undefined) logger.debug({ endpointId, deliveryId, err: cause }, "a webhook could not be posted");

    const isDelivered = result === "delivered";
    const nextDelayMs = isDelivered
      ? null
      : nextAttemptDelayMs(schedule, scheduleStep + 1, retryAfterSeconds, Math.random());
    const record = { deliveryId, attemptCount, result, ...answer, startedAt, durationMs, nextDelayMs };
    const disabledReason = await recordAttempt(db, record);
    crashAt("delivery.recorded");
    if (disabledReason !== null) {
      onGone();
      logger.warn({ endpointId, disabledReason }, "a webhook endpoint was disabled");
    }
    return { kind: isDelivered ? "delivered" : "failed", durationMs };
  };
}
