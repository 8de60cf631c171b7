// Writes who changed what of an event, in the transaction that changes it. Locks: the event's row, shared, because of
// the foreign key. A second run writes a second row, so the caller writes only when something changes.
import type { Db } from "../../client.ts";

/** What people do to an event. */
export type ActivityAction =
  | "event-changed"
  | "ticket-type-changed"
  | "stock-moved"
  | "access-codes-created"
  | "access-code-revoked"
  | "event-cancelled";

/** A field's value before and after; null when there was or is none. */
export type FieldChange = Readonly<{ from: unknown; to: unknown }>;

export type NewActivity = Readonly<{
  eventId: number;
  /** As in the histories of orders: `api`, or the id of the API key. */
  actor: string;
  action: ActivityAction;
  detail: Readonly<Record<string, unknown>>;
}>;

export async function writeActivity(tx: Db, { eventId, actor, action, detail }: NewActivity): Promise<void> {
  await tx
    .insertInto("activities")
    .values({ event_id: eventId, actor, action, detail: JSON.stringify(detail) })
    .execute();
}

/** The fields that `after` has and that differ from `before`; undefined fields do not change anything. */
export function listChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, FieldChange> {
  const changes: Record<string, FieldChange> = {};
  for (const [field, to] of Object.entries(after)) {
    const from = before[field] ?? null;
    // As JSON, because two Dates are never the same object.
    if (to !== undefined && JSON.stringify(from) !== JSON.stringify(to)) changes[field] = { from, to };
  }
  return changes;
}
