import type { Client } from "@onsale/client";
import type { Payments } from "./payments.ts";

/** What the shop needs. */
export type Shop = Readonly<{
  client: Client;
  payments: Payments;
  eventCode: string;
  /** For how long a buyer may take to pay. */
  holdSeconds: number;
  /** The secret of the webhook endpoint. */
  secret: () => string;
  log: (text: string) => void;
}>;
