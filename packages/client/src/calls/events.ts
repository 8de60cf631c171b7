// The calls about events: they create, list, read, change and cancel them.

import type { CallOptions, Client } from "../request/client.ts";
import { type PageOptions, readPages } from "../request/pages.ts";
import { sendForJson } from "../request/request.ts";
import {
  type EventCancellation,
  type EventChange,
  isEventCancellation,
  isSaleEvent,
  type NewEvent,
  type SaleEvent,
} from "../wire/event.ts";

/**
 * Creates an event, and its stock when `ticketTypes` is given. The request is sent once. After a NetworkError, create
 * the event again: `event-exists` then says that the first request had arrived.
 *
 * @throws ProblemError (`event-exists`, `validation-failed` and others), NetworkError, the signal's reason
 */
export function createEvent(client: Client, newEvent: NewEvent, { signal }: CallOptions = {}): Promise<SaleEvent> {
  return sendForJson(client, { method: "POST", path: "/events", body: newEvent }, isSaleEvent, signal);
}

/**
 * Lists all events, the newest first, without their hidden ticket types. Each page is requested when the loop gets to
 * it. Events that are created meanwhile are not in the list.
 *
 * @throws ProblemError, NetworkError, the signal's reason; all from the iteration
 */
export function listEvents(client: Client, options: PageOptions = {}): AsyncGenerator<SaleEvent, void, void> {
  return readPages(client, { path: "/events" }, isSaleEvent, options);
}

/** Which hidden ticket types an answer has, too. */
export type HiddenTypesOptions = CallOptions &
  Readonly<{
    /** All of them; takes the scope `events:write`. */
    hidden?: boolean | undefined;
    /** Those that this code opens. */
    accessCode?: string | undefined;
  }>;

/**
 * Reads an event, with the state of its sale and its ticket types.
 *
 * @throws ProblemError (`event-not-found`, `access-code-not-found` and others), NetworkError, the signal's reason
 */
export function getEvent(
  client: Client,
  eventCode: string,
  { hidden, accessCode, signal }: HiddenTypesOptions = {},
): Promise<SaleEvent> {
  const query = hiddenQuery(hidden, accessCode);
  return sendForJson(client, { method: "GET", path: eventPath(eventCode), query }, isSaleEvent, signal);
}

/**
 * Changes an event, its sale's window or its rules, or pauses its sale. What `change` does not have stays as it is, and
 * null removes a rule. All gateways follow within a second.
 *
 * @throws ProblemError (`event-not-found`, `validation-failed` and others), NetworkError, the signal's reason
 */
export function changeEvent(
  client: Client,
  eventCode: string,
  change: EventChange,
  { signal }: CallOptions = {},
): Promise<SaleEvent> {
  const path = eventPath(eventCode);
  return sendForJson(client, { method: "PATCH", path, body: change }, isSaleEvent, signal);
}

/** How to cancel an event. */
export type CancelEventOptions = CallOptions &
  Readonly<{
    /** For the histories of its orders. */
    reason?: string | undefined;
  }>;

/**
 * Cancels an event, which cannot be undone: nobody can buy from then on, and its orders are cancelled one after the
 * other. Follow that with `getCancellation`. A second call changes nothing, so after a NetworkError call it again.
 *
 * @throws ProblemError (`event-not-found`, `upgrade-in-progress` and others), NetworkError, the signal's reason
 */
export function cancelEvent(
  client: Client,
  code: string,
  { reason, signal }: CancelEventOptions = {},
): Promise<EventCancellation> {
  const path = `${eventPath(code)}/cancel`;
  return sendForJson(client, { method: "POST", path, body: { reason } }, isEventCancellation, signal);
}

/**
 * Reads how far the cancellation of an event has got.
 *
 * @throws ProblemError (`event-not-found`, `cancellation-not-found` and others), NetworkError, the signal's reason
 */
export function getCancellation(
  client: Client,
  code: string,
  { signal }: CallOptions = {},
): Promise<EventCancellation> {
  return sendForJson(client, { method: "GET", path: `${eventPath(code)}/cancellation` }, isEventCancellation, signal);
}

/** The query that asks for hidden ticket types. */
export function hiddenQuery(hidden: boolean | undefined, accessCode: string | undefined) {
  return { hidden: hidden === undefined ? undefined : String(hidden), accessCode };
}

/** The path of an event, below `/api/v1`. */
export function eventPath(code: string): string {
  return `/events/${encodeURIComponent(code)}`;
}
