// Reads webhook endpoints of all accounts with their states, for the console. No locks. Indexes used: the primary keys,
// webhook_deliveries_due for at most `pendingCountMax` pending deliveries of each endpoint, and
// webhook_deliveries_by_endpoint for its newest deliveries: the last success and failure are those of the newest
// `attemptedCountMax` deliveries with an attempt, found among the newest `walkCountMax`. Rejected: columns for them,
// which each attempt would have to write to a row that all notifiers share. A page of 25 endpoints with 10,000
// deliveries each, three of them with 12,000 pending, took 0.1 s.
import type { WebhookType } from "@onsale/contracts/webhook";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../client.ts";
import { pendingCountMax } from "./summarise-webhooks.ts";

export const endpointFilters = ["all", "working", "failing", "disabled"] as const;
export type EndpointFilter = (typeof endpointFilters)[number];

/** An endpoint of any account, without its secrets. */
export type WatchedEndpoint = Readonly<{
  id: string;
  accountId: number;
  accountName: string;
  url: string;
  types: readonly WebhookType[];
  /** Only of this event; null for all. */
  eventId: number | null;
  eventCode: string | null;
  description: string | null;
  createdAt: Date;
  failingSince: Date | null;
  disabledAt: Date | null;
  disabledReason: string | null;
  /** Pending deliveries; at most `pendingCountMax` are counted. */
  pending: number;
  /** When the latest attempts began that arrived, and that did not, as far as they are looked for. */
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
}>;

const attemptedCountMax = 200;
const walkCountMax = 10_000;

const conditions: Readonly<Record<EndpointFilter, RawBuilder<unknown>>> = {
  all: sql`true`,
  working: sql`w.disabled_at IS NULL AND w.failing_since IS NULL`,
  failing: sql`w.disabled_at IS NULL AND w.failing_since IS NOT NULL`,
  disabled: sql`w.disabled_at IS NOT NULL`,
};

/**
 * The newest endpoints first (their ids rise with time).
 *
 * @param afterId begins after this endpoint; undefined begins with the newest
 */
export async function listWatchedEndpoints(
  db: Db,
  filter: EndpointFilter,
  afterId: string | undefined,
  count: number,
): Promise<WatchedEndpoint[]> {
  const after = afterId === undefined ? sql`` : sql`AND w.id < ${afterId}::uuid`;
  return select(db, sql`${conditions[filter]} ${after} ORDER BY w.id DESC LIMIT ${count}::int`);
}

/** One endpoint, or undefined. */
export async function getWatchedEndpoint(db: Db, id: string): Promise<WatchedEndpoint | undefined> {
  const [endpoint] = await select(db, sql`w.id = ${id}::uuid`);
  return endpoint;
}

async function select(db: Db, condition: RawBuilder<unknown>): Promise<WatchedEndpoint[]> {
  const { rows } = await sql<WatchedEndpoint>`
    SELECT w.id, w.account_id AS "accountId", w.types, w.url, w.event_id AS "eventId", w.description,
           (SELECT name FROM accounts WHERE accounts.id = w.account_id) AS "accountName",
           (SELECT code FROM events WHERE events.id = w.event_id) AS "eventCode",
           w.created_at AS "createdAt", w.failing_since AS "failingSince",
           w.disabled_at AS "disabledAt", w.disabled_reason AS "disabledReason",
           (SELECT count(*) FROM (
              SELECT FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.status = 'PENDING'
              LIMIT ${sql.raw(String(pendingCountMax))}) AS counted) AS pending,
           latest.success AS "lastSuccessAt", latest.failure AS "lastFailureAt"
    FROM webhook_endpoints w
    CROSS JOIN LATERAL (
      SELECT max(a.started_at) FILTER (WHERE a.result = 'delivered') AS success,
             max(a.started_at) FILTER (WHERE a.result <> 'delivered') AS failure
      FROM (SELECT id FROM (
              SELECT id, attempt_count, seq FROM webhook_deliveries WHERE endpoint_id = w.id
              ORDER BY seq DESC LIMIT ${sql.raw(String(walkCountMax))}) AS walked
            WHERE attempt_count > 0 ORDER BY seq DESC LIMIT ${sql.raw(String(attemptedCountMax))}) AS attempted
      JOIN webhook_attempts a ON a.delivery_id = attempted.id) AS latest
    WHERE ${condition}`.execute(db);
  return rows;
}
