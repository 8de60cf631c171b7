// `POST /payments`: the provider says that a payment changed. The shop asks it how, so a forged callback does nothing.
import { cancel, confirm, ProblemError } from "@onsale/client";
import { type Answer, parseJson } from "./http.ts";
import type { Shop } from "./parts.ts";
import { Callback, read } from "./schemas.ts";

/** Within this time a callback is answered; the provider repeats it otherwise. */
const answerMaxMs = 10_000;
/** There are no tickets for the payment, and never will be. Onsale sends `order.refund_required` (on-webhook.ts). */
const refusals: readonly string[] = ["hold-expired", "order-not-confirmable", "already-confirmed"];

/** Confirms the order, also late, or gives its tickets back when the payment was declined. */
export async function onPayment({ client, payments, log }: Shop, body: Uint8Array): Promise<Answer> {
  const { paymentId } = read(Callback, parseJson(body));
  const { id, orderId, status, price } = await payments.get(paymentId);
  try {
    if (status === "paid") {
      const { total } = await confirm(client, orderId, { paymentReference: id, deadlineMs: answerMaxMs });
      log(`${orderId}: paid, CONFIRMED`);
      // Some of its tickets may have been cancelled before they were paid.
      if (total !== undefined && total.amount < price.amount) await payments.keepOnly(id, total.amount);
    } else if (status === "declined") {
      await cancel(client, orderId, { reason: "The payment was declined.", deadlineMs: answerMaxMs });
      log(`${orderId}: declined, CANCELLED`);
    }
  } catch (error) {
    if (!isFinal(error, status)) throw error;
    log(`${orderId}: ${status}, but ${error.code}`);
  }
  return { status: 204 };
}

/** Whether repeating the callback would change nothing. An order that has expired needs no cancellation. */
function isFinal(error: unknown, status: string): error is ProblemError {
  if (!(error instanceof ProblemError)) return false;
  return status === "paid" ? refusals.includes(error.code) : error.code === "order-not-cancellable";
}
