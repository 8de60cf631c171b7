// The calls about the stock of an event.

import type { CallOptions, Client } from "../request/client.ts";
import { sendForJson } from "../request/request.ts";
import { type Inventory, isInventory, isStock, type StockMove, type TotalChange } from "../wire/stock.ts";
import { type HiddenTypesOptions, hiddenQuery } from "./events.ts";

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

function stockPath(eventCode: string): string {
  return `/inventory/${encodeURIComponent(eventCode)}`;
}
