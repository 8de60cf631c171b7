// The call that forgets a customer.
import type { CallOptions, Client } from "../request/client.ts";
import { sendForAnswer } from "../request/request.ts";
import { delay } from "../request/timing.ts";
import { isRecord } from "../wire/shape.ts";

/** Between two requests of `forgetCustomer`, when the server does not say. */
const forgetPauseMs = 1_000;

/**
 * Erases a customer's reference from all of their orders, and from the webhooks about these. Repeats the request until
 * no order has the reference. Erasing it again finds nothing; after a NetworkError, call it again.
 *
 * @returns how many orders had it
 * @throws ProblemError (`validation-failed` and others), NetworkError, the signal's reason
 */
export async function forgetCustomer(
  client: Client,
  customerRef: string,
  { signal }: CallOptions = {},
): Promise<number> {
  const call = { method: "DELETE", path: `/customers/${encodeURIComponent(customerRef)}` } as const;
  for (let orders = 0; ; ) {
    const { value, status, retryAfterMs } = await sendForAnswer(client, call, isForgotten, signal);
    orders += value.orders;
    if (status !== 202) return orders;
    await delay(retryAfterMs ?? forgetPauseMs, signal);
  }
}

/** How many orders a reference was erased from. */
function isForgotten(value: unknown): value is Readonly<{ orders: number }> {
  return isRecord(value) && typeof value.orders === "number";
}
