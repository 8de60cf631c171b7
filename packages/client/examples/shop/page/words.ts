// Every "no" that a buyer can meet, in words, with what to do next.
import { NetworkError, type Order, ProblemError } from "@onsale/client";
import { formatMinute, formatTickets } from "./format.ts";

export type Words = Readonly<{ title: string; next: string }>;

/** What explains a problem. */
type Facts = Readonly<{ code: string; opensAt?: string; maxPerOrder?: number; held?: number }>;

const words: Readonly<Record<string, (facts: Facts) => Words>> = {
  "sale-not-open": ({ opensAt }) => ({
    title: "The sale has not begun.",
    next: `${opensAt === undefined ? "" : `It opens at ${formatMinute(opensAt)}. `}Your basket stays as it is: keep this page open and reserve then.`,
  }),
  "sale-paused": () => ({
    title: "The sale is paused.",
    next: "Your basket stays as it is. Keep this page open: it says when the sale goes on.",
  }),
  "sale-closed": () => ({
    title: "The sale is over.",
    next: "No more tickets are sold here. Your orders are still under “My orders”.",
  }),
  "event-cancelled": () => ({
    title: "The event was cancelled.",
    next: "Nothing is sold any more. What you have paid is paid back by itself.",
  }),
  "sold-out": ({ held }) => ({
    title: "These tickets are sold out.",
    next:
      held === undefined
        ? "Join the waiting list: what comes back is offered to the first in line."
        : `${formatTickets(held)} are only reserved and may come back. Join the waiting list to be first in line.`,
  }),
  "insufficient-stock": () => ({
    title: "Fewer tickets are left than you asked for.",
    next: "Choose fewer, or join the waiting list.",
  }),
  "waiting-list-first": () => ({
    title: "Others are already waiting for these tickets.",
    next: "Join the waiting list: they are offered in the order of the list.",
  }),
  "order-limit": ({ maxPerOrder }) => ({
    title: "One order cannot have so many tickets.",
    next: maxPerOrder === undefined ? "Choose fewer." : `Choose ${formatTickets(maxPerOrder)} at most.`,
  }),
  "customer-limit": () => ({
    title: "You would have more tickets than one person may have.",
    next: "Choose fewer, or give some back under “My orders”.",
  }),
  "customer-required": () => ({
    title: "Your e-mail address is missing.",
    next: "Tickets of this event are counted per person. Fill it in and reserve again.",
  }),
  "access-code-not-found": () => ({
    title: "This access code is not known.",
    next: "Check it letter by letter, or go on without it.",
  }),
  "access-code-used-up": () => ({
    title: "This access code has been used as often as it may be.",
    next: "Ask who gave it to you, or choose other tickets.",
  }),
  "ticket-type-not-found": () => ({
    title: "One of these tickets is not sold to everybody.",
    next: "Enter your access code, or take it out of the basket.",
  }),
  "rate-limited": () => ({
    title: "Very many people are asking at the moment.",
    next: "We try again by ourselves. Keep this page open.",
  }),
  "queue-full": () => ({
    title: "Very many people are buying at the moment.",
    next: "We try again by ourselves, and you buy once only. Keep this page open.",
  }),
  overloaded: () => ({
    title: "Very many people are buying at the moment.",
    next: "We try again by ourselves, and you buy once only. Keep this page open.",
  }),
  "upgrade-in-progress": () => ({
    title: "The ticket office is being updated.",
    next: "We try again by ourselves, and you buy once only. It takes a minute or so.",
  }),
  "dependency-unavailable": () => ({
    title: "The ticket office does not answer.",
    next: "We try again by ourselves, and you buy once only. You may reload this page: nothing is lost.",
  }),
  "no-session": () => ({
    title: "Your browser did not keep this shop’s cookie.",
    next: "Allow cookies for this page and reload it.",
  }),
  "validation-failed": () => ({
    title: "This cannot be ordered as it is.",
    next: "Check your e-mail address (letters without accents, no spaces) and the tickets.",
  }),
  "order-not-held": () => ({
    title: "This order cannot be paid any more.",
    next: "Nothing was charged. See below what became of it.",
  }),
  "order-not-cancellable": () => ({
    title: "There is nothing to give back.",
    next: "The order has no tickets any more. See below what became of it.",
  }),
  "items-exceed-order": () => ({
    title: "You have fewer tickets than that.",
    next: "You may have given some back in another tab. See what the order has now.",
  }),
};

/** What to say about an error. */
export function explain(error: unknown): Words {
  if (error instanceof ProblemError) return explainProblem(error.problem);
  if (error instanceof NetworkError) return { title: "The shop does not answer.", next: keepTrying };
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined
    ? { title: "Something went wrong here.", next: "Reload the page and try again." }
    : explain(cause);
}

const keepTrying = "Check your connection. We try again by ourselves, and you buy once only.";

/** What to say about an order that was rejected. */
export function explainRejection({ reason }: Order): Words {
  const code = reason?.code ?? "";
  return words[code]?.({ code }) ?? { title: "You did not get these tickets.", next: reason?.detail ?? "" };
}

function explainProblem(problem: Facts & Readonly<{ detail: string }>): Words {
  return words[problem.code]?.(problem) ?? { title: "This was refused.", next: problem.detail };
}

/** Whether the waiting list helps against a problem. */
export function helpsToWait(code: string): boolean {
  return ["sold-out", "insufficient-stock", "waiting-list-first"].includes(code);
}
