// Long polls: requests with `Prefer: wait` are answered once their order is decided or has another version, as long as
// wait slots are free.
import type { OrderRow } from "@onsale/database/statements/orders/order-row";
import type { FastifyReply } from "fastify";
import { parsePreferWait } from "../http/headers.ts";
import { clientGone } from "../http/http-server.ts";
import type { WaitSlots } from "./wait-slots.ts";
import type { Waiters } from "./waiters.ts";

export type LongPollParts = Readonly<{
  waiters: Pick<Waiters, "wait">;
  waitSlots: WaitSlots;
  /** The longest wait that a client is granted. */
  waitSecondsMax: number;
}>;

/**
 * Waits for an order, for as long as the client asks, and grants that with `Preference-Applied`.
 *
 * @param until the first decision, or any other version
 * @param prefer the request's `Prefer` header
 * @returns the order after the wait; undefined when the client does not ask to wait, or no wait slot is free
 */
export function longPoll(
  { waiters, waitSlots, waitSecondsMax }: LongPollParts,
  order: OrderRow,
  until: "decided" | "changed",
  prefer: string | undefined,
  reply: FastifyReply,
): Promise<OrderRow> | undefined {
  const waitSeconds = parsePreferWait(prefer, waitSecondsMax);
  const releaseSlot = waitSeconds === null ? undefined : waitSlots.take(order.accountId, "request");
  if (waitSeconds === null || releaseSlot === undefined) return undefined;
  reply.header("preference-applied", `wait=${waitSeconds}`);
  return waiters.wait(order, until, waitSeconds * 1_000, clientGone(reply)).finally(releaseSlot);
}
