// What the database and the API say at the end of a run, and what the webhook receiver got: what the checks compare.
import type { Audit } from "@onsale/contracts/audit";
import type { OrderStatus } from "@onsale/contracts/order";
import type { Line } from "@onsale/domain/decide";
import type { SeenOrder } from "./history.ts";

/** A transition after the first decision; `returned` are tickets that came back while the order kept others. */
export type StoredTransition = Readonly<{
  version: number;
  from: OrderStatus;
  to: OrderStatus;
  atMs: number;
  returned: readonly Line[] | null;
}>;

/** A row of `orders` with all that belongs to it. */
export type StoredOrder = Readonly<{
  id: string;
  seq: number;
  key: string;
  eventCode: string;
  status: OrderStatus;
  version: number;
  customerRef: string | null;
  requested: readonly Line[];
  /** What it has; of a CANCELLED or EXPIRED order, what it had last. */
  items: readonly Line[];
  decidedAtMs: number | null;
  expiresAtMs: number | null;
  history: readonly StoredTransition[];
  /** The ledger's rows that name the order and one of its ticket types. */
  ledger: readonly Readonly<{ cause: string; ticketType: string; quantity: number }>[];
  /** Tickets that came back and are not on sale yet. */
  pendingReturns: number;
  /** References of payments that have to be paid back. */
  refunds: readonly string[];
}>;

/** A webhook as the receiver got it. */
export type ReceivedFact = Readonly<{ webhookId: string; type: string; order: SeenOrder }>;

/** A transition as the changes of an event have it. */
export type ListedChange = Readonly<{ orderId: string; version: number; to: OrderStatus }>;

/** A time in which something that holds need was down, by the wall clock. */
export type Outage = Readonly<{ fromMs: number; toMs: number }>;

export type Facts = Readonly<{
  orders: readonly StoredOrder[];
  /** By the API's lists. */
  listed: readonly SeenOrder[];
  changes: readonly ListedChange[];
  audits: readonly Audit[];
  /** What the API refused to tell, and why. */
  refused: readonly string[];
  received: readonly ReceivedFact[];
  /** By their beginnings. */
  outages: readonly Outage[];
  /** The events with more tickets than anybody can buy in a run. */
  plentyEvents: readonly string[];
  /** The events whose cancellation was answered. */
  cancelledEvents: readonly string[];
  /** When the rows were read, by the wall clock. */
  readAtMs: number;
}>;
