// Reads the late payments of an order. No locks. Index used: payments_by_order. The number of a late payment does not
// change, and its outcome is final.
import type { PaymentOutcome } from "@onsale/domain/transitions";
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type LatePayment = Readonly<{
  /** Its place in the line. */
  seq: number;
  /** Null until the lane has decided. */
  outcome: PaymentOutcome | null;
}>;

export async function readLatePayments(db: Db, orderId: string): Promise<LatePayment[]> {
  const { rows } = await sql<LatePayment>`
    SELECT seq, outcome FROM payments WHERE order_id = ${orderId}::uuid AND seq IS NOT NULL ORDER BY seq`.execute(db);
  return rows;
}
