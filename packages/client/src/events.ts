import { type CallOptions, type Client, sendForJson } from "./request.ts";
import { isSaleEvent } from "./shape.ts";
import type { NewEvent, SaleEvent } from "./wire.ts";

/**
 * Creates an event, with its stock if you like. It is sent once: after a NetworkError, create it again, and
 * `event-exists` then says that the first request had arrived.
 *
 * @throws ProblemError (`event-exists`, `validation-failed` and others), NetworkError, the signal's reason
 */
export function createEvent(client: Client, newEvent: NewEvent, { signal }: CallOptions = {}): Promise<SaleEvent> {
  return sendForJson(client, { method: "POST", path: "/events", body: newEvent }, isSaleEvent, signal);
}
