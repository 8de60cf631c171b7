// The types of what the server sends to the views of webhook endpoints. Types only: the browser never loads this file.
import type { DeliveryLine } from "./messages.ts";

export type EndpointState = "working" | "failing" | "disabled";

export type EndpointLine = Readonly<{
  id: string;
  /** Without its query and without long parts of its path, which may be secrets. */
  url: string;
  accountName: string;
  /** The facts that are sent. */
  types: readonly string[];
  /** The event whose orders are sent; null for all events of the account. */
  event: Readonly<{ id: number; code: string }> | null;
  description: string | null;
  state: EndpointState;
  createdAt: string;
  failingSince: string | null;
  disabledAt: string | null;
  disabledReason: string | null;
  /** Deliveries that are still to be sent. */
  pending: number;
  /** Whether there are more than `pending` says. */
  isPendingMore: boolean;
  /** When the latest attempts began that arrived, and that did not; null when there is none among the newest ones. */
  lastSuccessAt: string | null;
  lastFailureAt: string | null;
}>;

/** The newest endpoints first. */
export type EndpointPage = Readonly<{ endpoints: readonly EndpointLine[]; next: string | null }>;

/** The newest deliveries first. */
export type DeliveryPage = Readonly<{ deliveries: readonly DeliveryLine[]; next: string | null }>;

/** The answer to a change of an endpoint: what was done, in a sentence. */
export type WebhookChanged = Readonly<{ message: string }>;
