// Sends a purchase until it has an answer. States: `idle`; `sending`, also while it is sent again; `refused`, until the
// buyer tries something else. The purchase is in the memory of the browser from before it is sent until it is answered,
// so that a reload, a second click or another tab sends the same one, under the same key: that is one order.
import { type Line, OnsaleError, type Order, ProblemError, purchase } from "@onsale/client";
import { type Attempt, memory, noteOrder, remember } from "./memory.ts";
import { client, eventCode } from "./shop-client.ts";
import { createValue } from "./value.ts";

export type Buying = Readonly<
  | { kind: "idle" }
  /** `error`: why the last try failed. */
  | { kind: "sending"; waitlist: boolean; error: unknown }
  | { kind: "refused"; error: unknown }
  | { kind: "rejected"; order: Order }
>;

export const buying = createValue<Buying>({ kind: "idle" });

/** After so long the page asks, and then sends the same purchase again. A decision mostly takes milliseconds. */
const deadlineMs = 4_000;
const pauseMs = 1_000;
/** Nobody expects an older purchase to go on by itself. */
const attemptMaxMs = 15 * 60_000;

/** Buys what is in the basket, unless a purchase is on its way. */
export function buy(items: readonly Line[], waitlist: boolean): void {
  if (buying.get().kind === "sending") return;
  const { customer, accessCode, attempt } = memory.get();
  const next: Attempt = {
    key: crypto.randomUUID(),
    items,
    customerRef: customer,
    accessCode,
    waitlist,
    atMs: Date.now(),
  };
  if (attempt === null) remember({ attempt: next });
  void send(attempt ?? next);
}

/** Goes on with the purchase that a reload or another tab has left without an answer. */
export function resumePurchase(): void {
  const { attempt } = memory.get();
  if (attempt === null || buying.get().kind === "sending") return;
  if (Date.now() - attempt.atMs > attemptMaxMs) remember({ attempt: null });
  else void send(attempt);
}

/** Forgets why the last purchase was refused. */
export function dismiss(): void {
  if (buying.get().kind !== "sending") buying.set({ kind: "idle" });
}

async function send(attempt: Attempt): Promise<void> {
  const { key: idempotencyKey, items, customerRef, accessCode, waitlist } = attempt;
  const code = accessCode === "" ? undefined : accessCode;
  const wanted = { eventCode, items, customerRef, accessCode: code, waitlist: waitlist ? true : undefined };
  buying.set({ kind: "sending", waitlist, error: null });
  for (;;) {
    try {
      return finish(await purchase(client, wanted, { idempotencyKey, deadlineMs }));
    } catch (error) {
      if (!isUncertain(error)) return refuse(error);
      buying.set({ kind: "sending", waitlist, error });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs + Math.random() * pauseMs));
  }
}

/** Whether the purchase may have arrived, or may succeed if it is sent again at once. */
function isUncertain(error: unknown): boolean {
  return error instanceof OnsaleError && error.retryable && !(error instanceof ProblemError);
}

function refuse(error: unknown): void {
  remember({ attempt: null });
  buying.set({ kind: "refused", error });
}

function finish(order: Order): void {
  if (order.status === "REJECTED") {
    remember({ attempt: null });
    buying.set({ kind: "rejected", order });
    return;
  }
  noteOrder(order.id);
  buying.set({ kind: "idle" });
  location.hash = `#/orders/${order.id}`;
}
