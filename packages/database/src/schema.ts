import type { OrderStatus, RejectionReason, Strategy } from "@onsale/contracts/order";
import type { Generated } from "kysely";

/** The tables that the migrations make, as Kysely sees them. */
export interface Schema {
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
}
