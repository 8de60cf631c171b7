// Webhook endpoints: where Onsale posts what happens to orders.
import { isRecord } from "./shape.ts";

/** What an endpoint can be told. */
export type WebhookType =
  | "order.held"
  | "order.confirmed"
  | "order.rejected"
  | "order.expired"
  | "order.cancelled"
  | "order.refund_required"
  | "order.waitlisted"
  | "order.offered";

/** A webhook endpoint to register. */
export type NewWebhook = Readonly<{
  /** An https URL with a public address. */
  url: string;
  /** What to send; one or more. */
  events: readonly WebhookType[];
  /** Only about orders of the event with this code. */
  eventCode?: string;
  /** A note for people. */
  description?: string;
}>;

/** What to change of a webhook endpoint; what is missing stays. */
export type WebhookChange = Readonly<{
  url?: string;
  events?: readonly WebhookType[];
  /** Null for all events. */
  eventCode?: string | null;
  description?: string | null;
  /** False stops sending; true continues with the due deliveries. */
  enabled?: boolean;
}>;

/** A webhook endpoint. */
export type Webhook = Readonly<{
  /** A UUID. */
  id: string;
  url: string;
  events: readonly WebhookType[];
  /** Null when it is told about all events. */
  eventCode: string | null;
  description: string | null;
  /** Whether anything is sent. */
  enabled: boolean;
  /** RFC 3339; since when nothing is sent. */
  disabledAt: string | null;
  disabledReason: string | null;
  createdAt: string;
  updatedAt: string;
  links: Readonly<{ self: string; deliveries: string }>;
}>;

/** A new webhook endpoint. No other answer has its secret, which `verifyWebhook` needs. */
export type CreatedWebhook = Webhook & Readonly<{ secret: string }>;

/** A new secret of a webhook endpoint; no other answer has it. */
export type RotatedSecret = Readonly<{
  secret: string;
  /** RFC 3339; until then the previous secret signs, too. */
  previousSecretExpiresAt: string;
}>;

/** A webhook endpoint. */
export function isWebhook(value: unknown): value is Webhook {
  return (
    isRecord(value) && typeof value.id === "string" && typeof value.url === "string" && Array.isArray(value.events)
  );
}

/** A new webhook endpoint. */
export function isCreatedWebhook(value: unknown): value is CreatedWebhook {
  return isWebhook(value) && "secret" in value && typeof value.secret === "string";
}

/** A new secret. */
export function isRotatedSecret(value: unknown): value is RotatedSecret {
  return isRecord(value) && typeof value.secret === "string" && typeof value.previousSecretExpiresAt === "string";
}
