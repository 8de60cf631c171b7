// Summarises the webhook endpoints of all accounts, or of one event, for the console. No locks. Indexes used:
// webhook_deliveries_due, at most `pendingCountMax` entries of each endpoint, webhook_endpoints_by_account, and the
// primary key.
import { sql } from "kysely";
import type { Db } from "../../client.ts";

export type EndpointState = Readonly<{
  id: string;
  /** Without path and query, which may contain secrets of the receiver. */
  origin: string;
  description: string | null;
  failingSince: Date | null;
  disabledReason: string | null;
  /** Pending deliveries; at most `pendingCountMax` are counted. */
  pending: number;
}>;

export type WebhookSummary = Readonly<{
  enabled: number;
  failing: number;
  disabled: number;
  /** At most 50: first those that are disabled, then those that fail, then the others. */
  endpoints: readonly EndpointState[];
}>;

/** Counting stops here. */
export const pendingCountMax = 10_000;
const endpointCountMax = 50;

/** An endpoint's URL up to its host and port; the gateway stores no URL with a user name. */
const originOf = sql`substring(w.url FROM '^[a-z]+://[^/?#]*')`;

const countsByState = sql`
           count(*) FILTER (WHERE disabled_at IS NULL) AS enabled,
           count(*) FILTER (WHERE disabled_at IS NULL AND failing_since IS NOT NULL) AS failing,
           count(*) FILTER (WHERE disabled_at IS NOT NULL) AS disabled`;

const pendingOf = sql`(SELECT count(*) FROM (
              SELECT FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.status = 'PENDING'
              LIMIT ${sql.raw(String(pendingCountMax))}) AS counted)`;

export async function summariseWebhooks(db: Db): Promise<WebhookSummary> {
  const { rows: counts } = await sql<Omit<WebhookSummary, "endpoints">>`
    SELECT ${countsByState} FROM webhook_endpoints`.execute(db);
  const { rows: endpoints } = await sql<EndpointState>`
    SELECT w.id, ${originOf} AS origin, w.description,
           w.failing_since AS "failingSince", w.disabled_reason AS "disabledReason",
           ${pendingOf} AS pending
    FROM webhook_endpoints w
    ORDER BY w.disabled_at IS NOT NULL DESC, w.failing_since IS NOT NULL DESC, w.created_at DESC
    LIMIT ${sql.raw(String(endpointCountMax))}`.execute(db);
  const [count = { enabled: 0, failing: 0, disabled: 0 }] = counts;
  return { ...count, endpoints };
}

export type EventWebhookSummary = Omit<WebhookSummary, "endpoints"> & Pick<EndpointState, "pending">;

/** The endpoints of an account that get what happens to one of its events; `pending` counts all that they still get. */
export async function summariseEventWebhooks(db: Db, accountId: number, eventId: number): Promise<EventWebhookSummary> {
  const { rows } = await sql<EventWebhookSummary>`
    SELECT ${countsByState}, coalesce(sum(${pendingOf}) FILTER (WHERE disabled_at IS NULL), 0)::int AS pending
    FROM webhook_endpoints w
    WHERE w.account_id = ${accountId}::int AND (w.event_id IS NULL OR w.event_id = ${eventId}::int)`.execute(db);
  return rows[0] ?? { enabled: 0, failing: 0, disabled: 0, pending: 0 };
}

/** The origins of endpoints of all accounts. */
export async function nameEndpoints(db: Db, ids: readonly string[]): Promise<Pick<EndpointState, "id" | "origin">[]> {
  const { rows } = await sql<Pick<EndpointState, "id" | "origin">>`
    SELECT w.id, ${originOf} AS origin FROM webhook_endpoints w WHERE w.id = ANY(${ids}::uuid[])`.execute(db);
  return rows;
}
