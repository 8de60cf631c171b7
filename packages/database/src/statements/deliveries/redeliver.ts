// Sends deliveries again: each is due at once and begins its schedule anew, under the id that it has. Locks: their rows.
// A second run finds the same ones; those that are pending already only become due at once. The caller has checked
// whose the endpoint is.
import { sql } from "kysely";
import { webhooksChannel } from "../../channels.ts";
import type { Db } from "../../client.ts";

/** Which of an endpoint's deliveries. */
export type DeliveryChoice = Readonly<
  { id: string } | { createdFrom: Date; createdBefore: Date; includeDelivered: boolean }
>;

/** @returns how many there were */
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
