// The calls about what an event sells and to whom: its stock, and its access codes.
import { eventPath, type HiddenTypesOptions, hiddenQuery } from "./events.ts";
import { type PageOptions, readPages } from "./pages.ts";
import { type CallOptions, type Client, sendForJson } from "./request.ts";
import { isAccessCode, isCreatedCodes, isInventory, isStock } from "./shape.ts";
import type { Inventory } from "./wire.ts";
import type { AccessCode, CreatedAccessCode, NewAccessCodes, StockMove, TotalChange } from "./wire-rules.ts";

/**
 * Reads the stock of an event, by ticket type.
 *
 * @throws ProblemError (`event-not-found`, `access-code-not-found` and others), NetworkError, the signal's reason
 */
export function getInventory(
  client: Client,
  eventCode: string,
  { hidden, accessCode, signal }: HiddenTypesOptions = {},
): Promise<readonly Inventory[]> {
  const query = hiddenQuery(hidden, accessCode);
  return sendForJson(client, { method: "GET", path: stockPath(eventCode), query }, isStock, signal);
}

/**
 * Sets the total of a ticket type, which may be new, and its price and rules when they are given. The same call again
 * changes nothing more.
 *
 * @throws ProblemError (`total-below-allocated`, `pool-not-found` and others), NetworkError, the signal's reason
 */
export function setTotal(
  client: Client,
  eventCode: string,
  ticketType: string,
  change: TotalChange,
  { signal }: CallOptions = {},
): Promise<Inventory> {
  const path = `${stockPath(eventCode)}/${encodeURIComponent(ticketType)}`;
  return sendForJson(client, { method: "PUT", path, body: change }, isInventory, signal);
}

/**
 * Moves tickets that nobody has from one ticket type to another. The request is sent once. After a NetworkError, read
 * the stock: a second call would move as many tickets once more.
 *
 * @returns the stock of both types
 * @throws ProblemError (`total-below-allocated` and others), NetworkError, the signal's reason
 */
export function moveStock(
  client: Client,
  eventCode: string,
  move: StockMove,
  { signal }: CallOptions = {},
): Promise<readonly Inventory[]> {
  const path = `${stockPath(eventCode)}/move`;
  return sendForJson(client, { method: "POST", path, body: move }, isStock, signal);
}

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

function stockPath(eventCode: string): string {
  return `/inventory/${encodeURIComponent(eventCode)}`;
}

function codesPath(eventCode: string): string {
  return `${eventPath(eventCode)}/access-codes`;
}
