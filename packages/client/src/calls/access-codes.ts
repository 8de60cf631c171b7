// The calls about an event's access codes.

import type { CallOptions, Client } from "../request/client.ts";
import { type PageOptions, readPages } from "../request/pages.ts";
import { sendForJson } from "../request/request.ts";
import {
  type AccessCode,
  type CreatedAccessCode,
  isAccessCode,
  isCreatedCodes,
  type NewAccessCodes,
} from "../wire/access-code.ts";
import { eventPath } from "./events.ts";

/**
 * Makes access codes. The server stores only hashes of them, so keep the answer. The request is sent once. After a
 * NetworkError, `listAccessCodes` shows whether codes were made; nobody knows those of `count`, so revoke them.
 *
 * @throws ProblemError (`access-code-exists`, `ticket-type-not-found`, `customer-key-missing` and others),
 *   NetworkError, the signal's reason
 */
export function createAccessCodes(
  client: Client,
  eventCode: string,
  codes: NewAccessCodes,
  { signal }: CallOptions = {},
): Promise<readonly CreatedAccessCode[]> {
  return sendForJson(client, { method: "POST", path: codesPath(eventCode), body: codes }, isCreatedCodes, signal);
}

/**
 * Lists an event's access codes, the newest first, also those that are revoked. Each page is requested when the loop
 * gets to it.
 *
 * @throws ProblemError (`event-not-found` and others), NetworkError, the signal's reason; all from the iteration
 */
export function listAccessCodes(
  client: Client,
  eventCode: string,
  options: PageOptions = {},
): AsyncGenerator<AccessCode, void, void> {
  return readPages(client, { path: codesPath(eventCode) }, isAccessCode, options);
}

/**
 * Revokes an access code. Orders that have tickets keep them; orders that are not decided yet are rejected. The same
 * call again changes nothing.
 *
 * @throws ProblemError (`access-code-not-found` and others), NetworkError, the signal's reason
 */
export function revokeAccessCode(
  client: Client,
  eventCode: string,
  id: number,
  { signal }: CallOptions = {},
): Promise<AccessCode> {
  return sendForJson(client, { method: "DELETE", path: `${codesPath(eventCode)}/${id}` }, isAccessCode, signal);
}

function codesPath(eventCode: string): string {
  return `${eventPath(eventCode)}/access-codes`;
}
