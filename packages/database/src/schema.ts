import type { OrderStatus, RejectionReason, Strategy } from "@onsale/contracts/order";
import type { DeliveryStatus, DeliveryType, WebhookType } from "@onsale/contracts/webhook";
import type { Generated } from "kysely";

/** The columns of the tables that the migrations create, for Kysely. */
export interface Schema {
  accounts: {
    id: Generated<number>;
    name: string;
    created_at: Generated<Date>;
  };
  api_keys: {
    id: string;
    account_id: number;
    name: string;
    hash: Buffer;
    scopes: string[];
    created_at: Generated<Date>;
    expires_at: Date | null;
    revoked_at: Date | null;
    last_used_at: Date | null;
  };
  events: {
    id: Generated<number>;
    account_id: number;
    code: string;
    name: string;
    start_time: Date;
    end_time: Date;
    created_at: Generated<Date>;
  };
  inventory: {
    event_id: number;
    ticket_type: string;
    total: number;
    allocated: Generated<number>;
    version: Generated<number>;
    decided_seq: Generated<number>;
    generation: Generated<number>;
  };
  inventory_totals: {
    id: Generated<number>;
    event_id: number;
    ticket_type: string;
    total: number;
    after_seq: number;
    changed_at: Generated<Date>;
  };
  orders: {
    id: string;
    seq: Generated<number>;
    account_id: number;
    event_id: number;
    quantity: number;
    version: Generated<number>;
    status: Generated<OrderStatus>;
    strategy: Strategy;
    created_at: Generated<Date>;
    decided_at: Date | null;
    ticket_type: string;
    customer_ref: string | null;
    reason_code: RejectionReason | null;
    fingerprint: Buffer;
    idempotency_key: string;
  };
  webhook_endpoints: {
    id: string;
    account_id: number;
    event_id: number | null;
    url: string;
    types: WebhookType[];
    description: string | null;
    secret: Buffer;
    previous_secret: Buffer | null;
    previous_secret_expires: Date | null;
    failing_since: Date | null;
    active_since: Generated<Date>;
    disabled_at: Date | null;
    disabled_reason: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  outbox: {
    id: Generated<number>;
    order_id: string;
    type: WebhookType;
    created_at: Generated<Date>;
  };
  webhook_deliveries: {
    id: Generated<string>;
    seq: Generated<number>;
    endpoint_id: string;
    outbox_id: number | null;
    order_id: string | null;
    type: DeliveryType;
    body: string;
    status: Generated<DeliveryStatus>;
    attempt_count: Generated<number>;
    schedule_step: Generated<number>;
    next_attempt_at: Generated<Date>;
    created_at: Generated<Date>;
    finished_at: Date | null;
  };
}
