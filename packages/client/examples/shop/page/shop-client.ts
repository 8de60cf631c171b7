// How the page calls its back end: with the SDK, because the back end has the paths of Onsale's API, and for payments
// with calls of the shop's own.
import { type Client, NetworkError, ProblemError } from "@onsale/client";

export const client: Client = { baseUrl: location.origin };

/** What the shop's back end sells. */
export const eventCode = document.querySelector('meta[name="event-code"]')?.getAttribute("content") ?? "";

/** What the fake bank does. */
export type Behaviour = "in-time" | "late" | "declined";

/** A payment as the buyer sees it. */
export type Receipt = Readonly<{ status: string; paidAmount: number; refundedAmount: number; currency: string }>;

/** Begins to pay; again for the same order: the same payment. */
export function pay(orderId: string, behaviour: Behaviour): Promise<Receipt | null> {
  return callPayment(orderId, { method: "POST", body: JSON.stringify({ behaviour }) });
}

/** Null while nobody has begun to pay. */
export function readReceipt(orderId: string): Promise<Receipt | null> {
  return callPayment(orderId, {});
}

async function callPayment(orderId: string, init: RequestInit): Promise<Receipt | null> {
  const path = `/api/v1/orders/${encodeURIComponent(orderId)}/payment`;
  try {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(15_000) });
    const answer: unknown = await response.json();
    if (response.ok) return toReceipt(answer);
    throw new ProblemError({
      type: "about:blank",
      title: "",
      status: response.status,
      detail: text(answer, "detail"),
      instance: path,
      code: text(answer, "code"),
      requestId: "",
      retryable: response.status >= 429,
    });
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new NetworkError("The payment has no answer.", { cause });
  }
}

function toReceipt(answer: unknown): Receipt | null {
  if (answer === null || typeof answer !== "object" || !("price" in answer)) return null;
  return {
    status: text(answer, "status"),
    paidAmount: amount(answer.price, "amount"),
    refundedAmount: amount(answer, "refundedAmount"),
    currency: text(answer.price, "currency"),
  };
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
const text = (value: unknown, name: string) => String(field(value, name) ?? "");
const amount = (value: unknown, name: string) => Number(field(value, name) ?? 0);
