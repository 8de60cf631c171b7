// The calls that set what an event sells and to whom: totals, moved stock, access codes.
import { type CallOptions, type Client, sendForJson } from "./request.ts";
import { isAccessCode, isAccessCodePage, isCreatedCodes, isInventory, isStock } from "./shape.ts";
import type { Inventory } from "./wire.ts";
import type { AccessCode, CreatedAccessCode, NewAccessCodes, StockMove, TotalChange } from "./wire-rules.ts";

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

/** Which access codes to list. */
export type ListAccessCodesOptions = CallOptions &
  Readonly<{
    /** Codes per request, 1 to 100; the server's default is 20. */
    size?: number | undefined;
  }>;

/**
 * Lists an event's access codes, the newest first, also those that are revoked. Each page is requested when the loop
 * gets to it.
 *
 * @throws ProblemError (`event-not-found` and others), NetworkError, the signal's reason; all from the iteration
 */
export async function* listAccessCodes(
  client: Client,
  eventCode: string,
  { size, signal }: ListAccessCodesOptions = {},
): AsyncGenerator<AccessCode, void, void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { size: size === undefined ? undefined : String(size), cursor };
    const call = { method: "GET", path: codesPath(eventCode), query } as const;
    const page = await sendForJson(client, call, isAccessCodePage, signal);
    yield* page.content;
    cursor = page.nextCursor;
  }
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
  return `/events/${encodeURIComponent(eventCode)}/access-codes`;
}
