// What an order's state means for the buyer, in words.
import type { Order, Transition } from "@onsale/client";
import type { Tone } from "./dom.ts";
import { formatAbout, formatMoney, formatTickets, formatType } from "./format.ts";
import type { FullOrder } from "./order-follow.ts";
import type { Receipt } from "./shop-client.ts";
import { explainRejection } from "./words.ts";

export type OrderWords = Readonly<{ chip: string; tone: Tone; title: string; text: string }>;

/** What to say at the top of an order. */
export function describeOrder({ order, changes, receipt }: FullOrder): OrderWords {
  switch (order.status) {
    case "PENDING":
      return {
        chip: "In line",
        tone: "wait",
        title: "You are in line",
        text: "Your order is recorded, and orders are decided in the order of their arrival. You may reload this page.",
      };
    case "WAITING":
      return {
        chip: "Waiting list",
        tone: "wait",
        title: "You are on the waiting list",
        text: "What comes back is offered to the first in line. Come back to this page: an offer has a clock.",
      };
    case "HELD":
      return describeHold(changes, receipt);
    case "CONFIRMED":
      return { chip: "Paid", tone: "good", title: "You are going!", text: "Your tickets are paid and yours." };
    case "EXPIRED":
      return describeExpiry(receipt);
    case "CANCELLED":
      return {
        chip: "Cancelled",
        tone: "quiet",
        title: "This order is cancelled",
        text: describeCancellation(changes),
      };
    default: {
      const { title, next } = explainRejection(order);
      return { chip: "Not possible", tone: "bad", title, text: next };
    }
  }
}

function describeHold(changes: readonly Transition[], receipt: Receipt | null): OrderWords {
  const isOffer = changes.some(({ from }) => from === "WAITING");
  const title = isOffer ? "Tickets came back: they are yours to take" : "Your tickets are reserved";
  if (receipt !== null) {
    return {
      chip: "Payment on its way",
      tone: "wait",
      title,
      text: "We wait for your bank. You need not do anything.",
    };
  }
  return { chip: isOffer ? "Offer" : "Reserved", tone: "wait", title, text: "Pay before the time is up." };
}

function describeExpiry(receipt: Receipt | null): OrderWords {
  const words = { chip: "Expired", tone: "bad" as const, title: "The time to pay is over" };
  if (receipt === null) return { ...words, text: "Nothing was charged, and the tickets are on sale again." };
  if (receipt.refundedAmount > 0) {
    return { ...words, text: "Your payment came too late, and the tickets were gone. It is paid back." };
  }
  const text = "Your payment comes late. If the tickets are still there, they are yours; otherwise it is paid back.";
  return { ...words, chip: "Payment on its way", tone: "wait", text };
}

function describeCancellation(changes: readonly Transition[]): string {
  const reason = changes.at(-1)?.reason ?? "";
  return `${reason === "" ? "" : `${reason} `}The tickets are on sale again.`;
}

/** The buyer's place, as a number and a sentence; null when there is none. */
export function describePlace({ queue, waitlist }: Order): string | null {
  if (waitlist !== undefined) return withEstimate(`You are number ${waitlist.position}`, waitlist.estimatedSeconds);
  if (queue === undefined) return null;
  const place =
    queue.ahead === 0 ? "You are next" : `${queue.ahead} ${queue.ahead === 1 ? "order" : "orders"} before you`;
  return withEstimate(place, queue.estimatedSeconds);
}

function withEstimate(place: string, seconds: number | null): string {
  return seconds === null ? place : `${place}, ${formatAbout(seconds)} to go`;
}

/** What was paid and paid back; empty while nothing was. */
export function describeReceipt(receipt: Receipt | null): string {
  if (receipt?.status !== "paid")
    return receipt?.status === "declined" ? "Your card was declined: nothing was charged." : "";
  const { paidAmount, refundedAmount, currency } = receipt;
  const paid = `${formatMoney({ amount: paidAmount, currency })} paid`;
  return refundedAmount === 0 ? `${paid}.` : `${paid}, ${formatMoney({ amount: refundedAmount, currency })} paid back.`;
}

/** One line of an order's history. */
export function describeChange({ from, to, items, reason }: Transition): string {
  const count = items?.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0;
  if (items !== undefined) {
    return `${formatTickets(count)} given back: ${items.map(({ ticketType }) => formatType(ticketType)).join(", ")}`;
  }
  const words: Readonly<Record<string, string>> = {
    WAITING: "Put on the waiting list",
    HELD: from === "WAITING" ? "Tickets offered" : "Tickets reserved",
    CONFIRMED: from === "EXPIRED" ? "Paid late, and the tickets were still there" : "Paid",
    REJECTED: "Refused",
    EXPIRED: "The time to pay ran out",
    CANCELLED: "Cancelled",
  };
  return `${words[to] ?? to}${reason ? `: ${reason}` : ""}`;
}
