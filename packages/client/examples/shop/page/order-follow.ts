// Follows one order: over the stream that all tabs share until the order has ended, then with a look now and then,
// because a late payment, the buyer in another tab or the organiser may still change it.
import { getOrder, history, type Order, ProblemError, shareOrder, type Transition } from "@onsale/client";
import { client, type Receipt, readReceipt } from "./shop-client.ts";

/** An order with what belongs to it. */
export type FullOrder = Readonly<{ order: Order; changes: readonly Transition[]; receipt: Receipt | null }>;

export type OrderListener = Readonly<{
  show: (full: FullOrder) => void;
  /** The order belongs to another browser, or to nobody. */
  missing: () => void;
}>;

const retryMs = 1_500;
/** While a late payment is undecided, and otherwise. */
const soonMs = 1_500;
const laterMs = 15_000;

const changed = new BroadcastChannel("shop orders");
const here = new EventTarget();

/** Tells all tabs that this one has changed an order. */
export function announceChange(): void {
  changed.postMessage("changed");
  here.dispatchEvent(new Event("changed"));
}

/** Follows an order until the signal aborts. */
export async function followOrder(id: string, { show, missing }: OrderListener, signal: AbortSignal): Promise<void> {
  const changes = noteChanges(signal);
  while (!signal.aborted) {
    try {
      changes.forget();
      const first = await readFull(await getOrder(client, id, { signal }), signal);
      show(first);
      if (isOpen(first.order)) await followStream(id, show, signal);
      else await changes.pause(msUntilLater(first));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ProblemError && [401, 404].includes(error.status)) return missing();
      changes.forget();
      await changes.pause(retryMs);
    }
  }
}

/** Shows what the stream sends, and looks again when a tab has changed something, such as begun to pay. */
async function followStream(id: string, show: OrderListener["show"], signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const lookAgain = async () => {
    const order = await getOrder(client, id, { signal: ended.signal });
    show(await readFull(order, ended.signal));
  };
  onChange(() => void lookAgain().catch(() => undefined), ended.signal);
  signal.addEventListener("abort", () => ended.abort(), { signal: ended.signal });
  try {
    for await (const order of shareOrder(client, id, { signal })) show(await readFull(order, signal));
  } finally {
    ended.abort();
  }
}

/** Calls `act` whenever a tab has changed an order, or the buyer comes back to the page, until the signal aborts. */
function onChange(act: () => void, signal: AbortSignal): void {
  changed.addEventListener("message", act, { signal });
  here.addEventListener("changed", act, { signal });
  document.addEventListener("visibilitychange", act, { signal });
}

/** Whether the order's stream goes on. */
function isOpen({ status }: Order): boolean {
  return ["PENDING", "WAITING", "HELD"].includes(status);
}

async function readFull(order: Order, signal: AbortSignal): Promise<FullOrder> {
  if (order.status === "PENDING") return { order, changes: [], receipt: null };
  const [changes, receipt] = await Promise.all([history(client, order.id, { signal }), readReceipt(order.id)]);
  return { order, changes, receipt };
}

/** After how long the order is worth another look. */
function msUntilLater({ order, receipt }: FullOrder): number {
  const isUndecided = order.status === "EXPIRED" && receipt !== null && receipt.refundedAmount === 0;
  // A refund follows the cancellation by some moments.
  const isUnrefunded = order.status === "CANCELLED" && receipt?.status === "paid" && receipt.refundedAmount === 0;
  return isUndecided || isUnrefunded ? soonMs : laterMs;
}

/** Notes that an order was changed, or that the buyer came back, also while the order is being read. */
function noteChanges(signal: AbortSignal) {
  let isChanged = false;
  let wake = () => {};
  const note = () => {
    isChanged = true;
    wake();
  };
  onChange(note, signal);
  signal.addEventListener("abort", note);
  return {
    forget: () => {
      isChanged = signal.aborted;
    },
    /** Resolves after the time, or at a change since the last `forget`. */
    pause: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        if (isChanged) return resolve();
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
