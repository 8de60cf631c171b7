// The entries of the activity logs of events and accounts as the console shows them: in a sentence.
import type { ActivityRow } from "@onsale/database/statements/events/list-activities";
import type { ActivityLine } from "../messages/event-messages.ts";

export function presentActivity({ id, at, actor, action, detail }: ActivityRow): ActivityLine {
  return { id, at: at.toISOString(), actor, text: describe(action, detail) };
}

type Detail = ActivityRow["detail"];

function describe(action: string, detail: Detail): string {
  switch (action) {
    case "event-changed":
      return describeChanges(detail);
    case "ticket-type-changed":
      return `${show(detail.ticketType)}: ${describeChanges(detail)}`;
    case "stock-moved":
      return `${show(detail.quantity)} tickets moved from ${show(detail.from)} to ${show(detail.to)}: ${show(detail.reason)}`;
    case "access-codes-created":
      return describeCreated(detail);
    case "access-code-revoked":
      return `access code ${show(detail.id)} revoked`;
    case "event-cancelled":
      return `event cancelled${detail.reason == null ? "" : `: ${show(detail.reason)}`}`;
    case "webhook-enabled":
      return "endpoint enabled";
    case "webhook-disabled":
      return `endpoint disabled${detail.reason == null ? "" : `: ${show(detail.reason)}`}`;
    case "webhook-pinged":
      return "ping sent";
    case "delivery-sent-again":
      return `${show(detail.type)} sent again, delivery ${show(detail.delivery)}`;
    case "api-key-created":
      return `key ${show(detail.id)} created: ${show(detail.name)}, with ${show(detail.scopes)}`;
    case "api-key-revoked":
      return `key ${show(detail.id)} revoked: ${show(detail.name)}`;
    default:
      return action;
  }
}

function describeCreated({ ids, count }: Detail): string {
  const first: unknown = Array.isArray(ids) ? ids[0] : undefined;
  return count === 1
    ? `access code ${show(first)} created`
    : `${show(count)} access codes created, from ${show(first)} on`;
}

function describeChanges({ changes }: Detail): string {
  if (typeof changes !== "object" || changes === null) return "changed";
  return Object.entries(changes)
    .map(([field, { from, to }]) => `${field} ${show(from)} → ${show(to)}`)
    .join(", ");
}

function show(value: unknown): string {
  if (value == null || (Array.isArray(value) && value.length === 0)) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
