// Webhook endpoints as the console shows them.
import { pendingCountMax } from "@onsale/database/statements/webhooks/summarise-webhooks";
import type { WatchedEndpoint } from "@onsale/database/statements/webhooks/watch-endpoints";
import type { EndpointLine, EndpointState } from "../messages/webhook-messages.ts";

/** Parts of a path that are longer may be tokens, as chat services have them. */
const plainSegmentMax = 15;

/** An endpoint without what may be secret in its URL. */
export function presentEndpoint(row: WatchedEndpoint): EndpointLine {
  const { id, accountName, types, eventId, eventCode, description, disabledReason, pending } = row;
  return {
    id,
    url: maskUrl(row.url),
    accountName,
    types,
    event: eventId === null ? null : { id: eventId, code: eventCode ?? String(eventId) },
    description,
    state: stateOf(row),
    createdAt: row.createdAt.toISOString(),
    failingSince: row.failingSince?.toISOString() ?? null,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    disabledReason,
    pending,
    isPendingMore: pending >= pendingCountMax,
    lastSuccessAt: row.lastSuccessAt?.toISOString() ?? null,
    lastFailureAt: row.lastFailureAt?.toISOString() ?? null,
  };
}

function stateOf({ disabledAt, failingSince }: WatchedEndpoint): EndpointState {
  if (disabledAt !== null) return "disabled";
  return failingSince === null ? "working" : "failing";
}

/** The URL of an endpoint without its query, and with the beginnings only of long parts of its path. */
export function maskUrl(text: string): string {
  const { origin, pathname, search } = new URL(text);
  const path = pathname
    .split("/")
    .map((segment) => (segment.length > plainSegmentMax ? `${segment.slice(0, 4)}…` : segment))
    .join("/");
  return `${origin}${path}${search === "" ? "" : "?…"}`;
}
