// Makes deliveries due at once and begins their schedules anew, under the ids that they have. Locks: their rows.
// Indexes used: the primary key, or webhook_deliveries_by_endpoint for a range. A second run changes at most when they
// are due. The caller has checked that the endpoint belongs to the account.
import { sql } from "kysely";
import { webhooksChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";

/** Which deliveries of an endpoint: one, or those of a time range that failed, or all of the range. */
export type DeliveryChoice = Readonly<
  { id: string } | { createdFrom: Date; createdBefore: Date; includeDelivered: boolean }
>;

/** @returns how many deliveries were chosen */
export function redeliver(db: Db, endpointId: string, choice: DeliveryChoice): Promise<number> {
  return db.transaction().execute(async (tx) => {
    let update = tx.updateTable("webhook_deliveries").where("endpoint_id", "=", endpointId).set({
      status: "PENDING",
      finished_at: null,
      schedule_step: 0,
      next_attempt_at: sql<Date>`clock_timestamp()`,
    });
    if ("id" in choice) update = update.where("id", "=", choice.id);
    else {
      update = update.where("created_at", ">=", choice.createdFrom).where("created_at", "<", choice.createdBefore);
      if (!choice.includeDelivered) update = update.where("status", "=", "FAILED");
    }
    const { numUpdatedRows } = await update.executeTakeFirst();
    await sql`SELECT pg_notify(${webhooksChannel}, ${endpointId})`.execute(tx);
    return Number(numUpdatedRows);
  });
}
