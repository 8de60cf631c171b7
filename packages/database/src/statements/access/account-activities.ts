// Writes and reads who changed what of an account. Locks: writing takes the account's row, shared, because of the
// foreign key; reading takes none. Indexes used: account_activities_by_subject, or the primary key backwards for all
// subjects of some actions, of which people make few. A second write makes a second entry, so the caller writes only
// when something changes.
import type { Db } from "../../client.ts";
import type { ActivityRow } from "../events/list-activities.ts";

/** What people do to an account's API keys. */
export const keyActions = ["api-key-created", "api-key-revoked"] as const;

/** What people do to an account's webhook endpoints. */
export const webhookActions = ["webhook-enabled", "webhook-disabled", "webhook-pinged", "delivery-sent-again"] as const;

export type AccountAction = (typeof keyActions)[number] | (typeof webhookActions)[number];

export type NewAccountActivity = Readonly<{
  accountId: number;
  actor: string;
  action: AccountAction;
  /** The id of the endpoint or of the key. */
  subject: string;
  detail: Readonly<Record<string, unknown>>;
}>;

/** To be called in the transaction that changes something. */
export async function writeAccountActivity(tx: Db, activity: NewAccountActivity): Promise<void> {
  const { accountId, actor, action, subject, detail } = activity;
  await tx
    .insertInto("account_activities")
    .values({ account_id: accountId, actor, action, subject, detail: JSON.stringify(detail) })
    .execute();
}

/** Of one endpoint or key, or of all with some actions. */
export type AccountActivityChoice = Readonly<{ subject: string } | { actions: readonly AccountAction[] }>;

/**
 * The newest first.
 *
 * @param afterId begins after this entry; undefined begins with the newest
 */
export function listAccountActivities(
  db: Db,
  choice: AccountActivityChoice,
  afterId: number | undefined,
  count: number,
): Promise<ActivityRow[]> {
  const chosen = db.selectFrom("account_activities").select(["id", "at", "actor", "action", "detail"]);
  const query = (
    "subject" in choice ? chosen.where("subject", "=", choice.subject) : chosen.where("action", "in", choice.actions)
  )
    .orderBy("id", "desc")
    .limit(count);
  return (afterId === undefined ? query : query.where("id", "<", afterId)).execute();
}
