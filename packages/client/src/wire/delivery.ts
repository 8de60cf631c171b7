// Deliveries of webhooks to their endpoints.
import { isRecord } from "./shape.ts";
import type { WebhookType } from "./webhook.ts";

/** PENDING until it is delivered, or given up after the last attempt. */
export type DeliveryStatus = "PENDING" | "DELIVERED" | "FAILED";

/** One attempt to deliver a webhook. */
export type DeliveryAttempt = Readonly<{
  /** 1 is the first one. */
  number: number;
  result: "delivered" | "http-error" | "redirect" | "gone" | "timeout" | "network-error" | "refused" | "internal-error";
  /** The HTTP status of the answer; null when there was none. */
  status: number | null;
  /** The first 1 KiB of the answer. */
  responseBody: string | null;
  /** What went wrong, when there was no complete answer. */
  error: string | null;
  /** RFC 3339. */
  startedAt: string;
  durationMs: number;
}>;

/** A webhook on its way to an endpoint. */
export type Delivery = Readonly<{
  /** The `webhook-id` of every attempt. */
  id: string;
  type: WebhookType | "webhook.ping";
  /** Null for a ping. */
  orderId: string | null;
  status: DeliveryStatus;
  /** RFC 3339; when the next attempt is due, while it is PENDING. */
  nextAttemptAt: string | null;
  createdAt: string;
  /** When it was delivered or given up. */
  finishedAt: string | null;
  /** The last 20, the latest first. */
  attempts: readonly DeliveryAttempt[];
}>;

/** Which deliveries of an endpoint to send again. */
export type Redelivery = Readonly<{
  /** RFC 3339; those that were created at this time or later. */
  from: string;
  /** RFC 3339; those that were created before this time. */
  to: string;
  /** Also those that were delivered, not only those that were given up. */
  includeDelivered?: boolean;
  /** Also what the endpoint was never sent, such as while it was disabled. */
  includeMissed?: boolean;
}>;

/** A part of a redelivery. */
export type RedeliveryRequest = Redelivery &
  Readonly<{
    /** The `nextCursor` of the part before. */
    cursor?: string;
  }>;

/** What a part of a redelivery did. */
export type Redelivered = Readonly<{
  /** Deliveries that will be sent again. */
  count: number;
  /** Deliveries that were missed and will be sent now. */
  created: number;
  /** Null when there is no other part. */
  nextCursor: string | null;
}>;

/** A delivery. */
export function isDelivery(value: unknown): value is Delivery {
  const isLikely = isRecord(value) && typeof value.id === "string" && typeof value.status === "string";
  return isLikely && Array.isArray(value.attempts);
}

/** What a part of a redelivery did. */
export function isRedelivered(value: unknown): value is Redelivered {
  if (!isRecord(value) || typeof value.count !== "number" || typeof value.created !== "number") return false;
  return value.nextCursor === null || typeof value.nextCursor === "string";
}
