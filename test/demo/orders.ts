// Reads the orders of an event for the checks after a sale.
import type { Order } from "@onsale/contracts/order";
import type { Gateway } from "./gateway.ts";
import type { Pause } from "./pauses.ts";
import type { Retry } from "./retry.ts";

/** The time that docs/invariants.md promises, and a margin for a busy machine. */
const decidedWithinMs = 45_000;
const pollMs = 200;

type Reading = Readonly<{ gateway: Gateway; eventCode: string; showTask: (text: string) => void }>;

export async function untilDecided(
  { gateway, eventCode, pause, showTask }: Reading & Readonly<{ pause: Pause }>,
  retry: Retry,
): Promise<void> {
  for (const deadline = Date.now() + decidedWithinMs; Date.now() < deadline; await pause(pollMs)) {
    const pending = await retry(() => gateway.countPending(eventCode));
    if (pending === 0) return;
    showTask(`${pending} orders are still pending`);
  }
}

/** All orders of an event, page after page. */
export async function* listOrders(
  { gateway, eventCode, showTask }: Reading,
  retry: Retry,
): AsyncGenerator<Order, void, void> {
  let listed = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await retry(() => gateway.listOrders(eventCode, cursor ?? null));
    yield* page.content;
    listed += page.content.length;
    showTask(`checking orders: ${listed} of ${page.totalIsExact ? "" : "about "}${page.totalElements}`);
    cursor = page.nextCursor;
  }
}
