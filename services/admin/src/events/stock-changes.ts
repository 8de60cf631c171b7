// Changes what events sell for the people of the console: totals, prices, pools, new ticket types, moved tickets.
import type { Price } from "@onsale/contracts/price";
import { ticketTotalMax } from "@onsale/contracts/values";
import type { Db } from "@onsale/database/client";
import { setInventoryTotal } from "@onsale/database/statements/events/set-inventory-total";
import { type Move, moveStock } from "@onsale/database/statements/rules/move-stock";
import { HttpError } from "../errors/http-error.ts";
import { describeMove, describeTotal } from "./describe-refusal.ts";
import { type ChangedEvent, type ChangeEvent, patchEvent, requireAlive, requireTypes } from "./event-changes.ts";

/** `price`: null for none; without it, a price stays. */
export type NewStock = Readonly<{ total: number; price?: Price | null }>;
export type NewTicketType = NewStock & Readonly<{ ticketType: string; pools?: readonly string[] }>;

export type StockChanges = ReturnType<typeof createStockChanges>;

/** Each returns what was done, in a sentence, and throws an `HttpError` when it cannot be done. */
export function createStockChanges(db: Db, changeOne: ChangeEvent) {
  return {
    changeTotal: (changed: ChangedEvent, ticketType: string, stock: NewStock): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        requireTypes(event, [ticketType]);
        return describeTotal(ticketType, stock.total, await setInventoryTotal(db, { ...owner, ticketType, ...stock }));
      }),

    addTicketType: (changed: ChangedEvent, added: NewTicketType): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        const { ticketType, total } = added;
        if (event.ticketTypes.some((type) => type.ticketType === ticketType)) {
          throw new HttpError(409, `The event has the ticket type ${ticketType} already; change its total instead.`);
        }
        return describeTotal(ticketType, total, await setInventoryTotal(db, { ...owner, ...added }));
      }),

    changePool: (changed: ChangedEvent, name: string, total: number): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        if (!event.pools.some((pool) => pool.name === name)) {
          throw new HttpError(404, `The event has no pool ${name}.`);
        }
        await patchEvent(db, owner, { pools: [{ name, total }] });
        return `The pool ${name} has ${total} tickets now.`;
      }),

    move: (changed: ChangedEvent, move: Move): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        requireTypes(event, [move.from, move.to]);
        if (move.from === move.to) throw new HttpError(400, "Choose two ticket types.");
        return describeMove(move, await moveStock(db, { ...owner, reason: move.reason }, move, ticketTotalMax));
      }),
  };
}
