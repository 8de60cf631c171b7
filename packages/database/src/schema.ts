import type { AuditCheck } from "@onsale/contracts/audit";
import type { OrderStatus, RejectionReason, Strategy } from "@onsale/contracts/order";
import type { OrderTerms, ShortLine } from "@onsale/contracts/present-order";
import type { DeliveryStatus, DeliveryType, WebhookType } from "@onsale/contracts/webhook";
import type { WebhookDetail } from "@onsale/contracts/webhook-body";
import type { Line } from "@onsale/domain/decide";
import type { LedgerCause } from "@onsale/domain/replay";
import type { PaymentOutcome } from "@onsale/domain/transitions";
import type { ColumnType, Generated, GeneratedAlways } from "kysely";

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
    sales_start: Date | null;
    sales_end: Date | null;
    is_paused: Generated<boolean>;
    cancelled_at: Date | null;
    max_per_order: number | null;
    max_per_customer: number | null;
    offer_seconds: Generated<number>;
    waitlist_policy: Generated<"skip" | "strict">;
  };
  inventory: {
    event_id: number;
    ticket_type: string;
    total: number;
    allocated: Generated<number>;
    version: Generated<number>;
    decided_seq: Generated<number>;
    generation: Generated<number>;
    price_amount: number | null;
    price_currency: string | null;
    sales_start: Date | null;
    sales_end: Date | null;
    max_per_order: number | null;
    max_per_customer: number | null;
    is_hidden: Generated<boolean>;
    pools: string[] | null;
    is_cancelled: Generated<boolean>;
    waiting: Generated<number>;
    offer_due_since: Date | null;
  };
  forgotten_orders: {
    event_id: number;
    customer: Buffer;
    order_id: string;
  };
  customer_counters: {
    event_id: number;
    customer: Buffer;
    ticket_type: string;
    used: number;
  };
  access_codes: {
    id: Generated<number>;
    event_id: number;
    digest: Buffer;
    hint: string;
    ticket_types: string[];
    max_uses: number;
    max_per_order: number | null;
    used: Generated<number>;
    created_at: Generated<Date>;
    revoked_at: Date | null;
  };
  waiting: {
    event_id: number;
    seq: number;
    order_id: string;
    lines: readonly Line[];
    ticket_type: GeneratedAlways<string | null>;
    quantity: GeneratedAlways<number | null>;
  };
  activities: {
    id: Generated<number>;
    event_id: number;
    at: Generated<Date>;
    actor: string;
    action: string;
    detail: ColumnType<Readonly<Record<string, unknown>>, string, never>;
  };
  account_activities: {
    id: Generated<number>;
    account_id: number;
    at: Generated<Date>;
    actor: string;
    action: string;
    subject: string;
    detail: ColumnType<Readonly<Record<string, unknown>>, string, never>;
  };
  audits: {
    event_id: number;
    checked_at: Date;
    order_count: number;
    checks: ColumnType<readonly AuditCheck[], string, string>;
  };
  archives: {
    id: Generated<number>;
    event_id: number;
    file: string;
    digest: string;
    order_count: number;
    verified_at: Generated<Date>;
    counts: Generated<Readonly<Partial<Record<OrderStatus, number>>>>;
    tickets: Generated<Readonly<Record<string, number>>>;
    finished_at: Date | null;
  };
  event_cancellations: {
    event_id: number;
    actor: string;
    reason: string | null;
    started_at: Generated<Date>;
    counted_at: Date | null;
    total: Generated<number>;
    cancelled: Generated<number>;
    after_seq: Generated<number>;
    next_batch_at: Generated<Date>;
    finished_at: Date | null;
  };
  key_digests: {
    name: string;
    digest: Buffer;
  };
  ledger: {
    id: Generated<number>;
    event_id: number;
    ticket_type: string;
    total: number | null;
    after_seq: number;
    changed_at: Generated<Date>;
    cause: Generated<LedgerCause>;
    quantity: Generated<number>;
    order_id: string | null;
    actor: string | null;
    reason: string | null;
    detail: Readonly<Record<string, unknown>> | null;
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
    ticket_type: string | null;
    customer_ref: string | null;
    reason_code: RejectionReason | null;
    fingerprint: Buffer;
    idempotency_key: string;
    terms: OrderTerms | null;
    items: readonly Line[] | null;
    shortage: readonly ShortLine[] | null;
    expires_at: Date | null;
    payment_reference: string | null;
    customer: Buffer | null;
  };
  holds: {
    order_id: string;
    ticket_type: string;
    event_id: number;
    quantity: number;
    expires_at: Date;
  };
  returns: {
    id: Generated<number>;
    event_id: number;
    order_id: string;
    ticket_type: string;
    quantity: number;
    actor: string;
    reason: string | null;
    created_at: Generated<Date>;
    is_stock: Generated<boolean>;
    ends_line: Generated<boolean>;
    ends_order: Generated<boolean>;
  };
  payments: {
    id: Generated<number>;
    account_id: number;
    event_id: number;
    order_id: string;
    reference: string | null;
    seq: number | null;
    outcome: PaymentOutcome | null;
    actor: string;
    created_at: Generated<Date>;
    decided_at: Date | null;
  };
  order_history: {
    order_id: string;
    version: number;
    event_id: number;
    seq: number;
    at: Date;
    from_status: OrderStatus;
    to_status: OrderStatus;
    actor: string;
    reason: string | null;
    items: readonly Line[] | null;
    idempotency_key: string | null;
    fingerprint: Buffer | null;
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
    version: number | null;
    status: OrderStatus | null;
    items: readonly Line[] | null;
    expires_at: Date | null;
    payment_reference: string | null;
    detail: WebhookDetail | null;
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
