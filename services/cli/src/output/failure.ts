// Turns each expected error of a command into words that say what happened and what to do.
import { NetworkError, OrderDeadlineError, ProblemError, PurchaseDeadlineError } from "@onsale/client";
import { ConfigError } from "@onsale/config/load-config";
import { plain, plainLines, shellWord, whyOf } from "./text.ts";

/** The exit codes of the process; docs/cli.md explains them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** A command could not do what it should; the message is for people. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** What to do next. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** An error as it is printed: what happened, details, what to do. */
export type Failure = Readonly<{
  title: string;
  details: readonly string[];
  advice?: string | undefined;
  exitCode: number;
}>;

const adviceByCode: Readonly<Record<string, string>> = {
  "event-exists": "Choose another code, or see it with: onsale events show CODE",
  "event-not-found": "See which events there are with: onsale events list",
  "ticket-type-not-found": "See the event's ticket types with: onsale inventory show CODE",
  "order-not-found": "See which orders there are with: onsale orders list",
  "webhook-not-found": "See which endpoints there are with: onsale webhooks list",
  "total-below-allocated": "Choose a total that is not below sold plus held; see them with: onsale inventory show CODE",
  "too-many-ticket-types": "See the event's ticket types with: onsale inventory show CODE",
  "sold-out": "See what is left with: onsale inventory show CODE",
  "sale-not-open": "See when it opens with: onsale events show CODE; change that with: onsale events change CODE",
  "sale-closed": "See when it closed with: onsale events show CODE; change that with: onsale events change CODE",
  "sale-paused": "Continue it with: onsale events resume CODE",
  "order-limit":
    "Buy fewer tickets, or change the limit: onsale events change CODE, onsale inventory set CODE TYPE TOTAL",
  "customer-required": "Say who buys with: --customer REF",
  "access-code-not-found": "See which codes there are with: onsale codes list CODE",
  "access-code-exists": "Choose another code, or let one be made with: --count 1",
  "pool-not-found": "Create the pool first: onsale events change CODE --pool NAME=TOTAL",
  "customer-key-missing": "Set CUSTOMER_KEY for the gateways and the workers; see docs/operations.md",
  "idempotency-key-reused": "Use another --key for another request.",
  "order-undecided": "Follow it with: onsale orders watch ID",
  "order-not-confirmable": "Pay the money back, if there was a payment.",
  "hold-expired": "Pay the money back, if there was a payment.",
  "already-confirmed": "Pay this payment back; see the order with: onsale orders show ID",
  "items-exceed-order": "See what the order has with: onsale orders show ID",
  "webhook-url-refused": "Use a public https URL, or allow others on the gateway with WEBHOOK_ALLOW_PRIVATE=1.",
  "webhooks-unavailable": "Set WEBHOOK_SECRET_KEY for the gateways and the notifiers; see docs/webhooks.md",
  "validation-failed": "Correct the fields that are named above; nothing was done.",
};

/**
 * Describes an error of usage by Commander's message: `error:`, what is wrong, and on another line the nearest command
 * or option, if there is one.
 */
export function describeUsageError(message: string): Failure {
  const [wrong = "", ...suggestions] = plainLines(message.replace(/^error: /, ""));
  const advice = [...suggestions.map((line) => line.replace(/^\((.*)\)$/, "$1")), "See how it is used with: --help"];
  const title = wrong.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  return { title, details: [], advice: advice.join(" "), exitCode: exitCodes.usage };
}

/** Describes an expected error; undefined for a bug of this program. */
export function describeFailure(error: unknown, onsaleUrl: () => string): Failure | undefined {
  if (error instanceof ProblemError) return describeProblem(error, onsaleUrl());
  if (error instanceof NetworkError) {
    const title = `No answer from ${onsaleUrl()}: ${whyOf(error)}`;
    const advice = "Is a gateway running there? Start one with: npm start. Set ONSALE_URL to use another address.";
    return { title, details: [], advice, exitCode: exitCodes.failed };
  }
  if (error instanceof ConfigError) {
    const title = error.faults.length === 1 ? "A setting is wrong" : "Settings are wrong";
    return { title, details: error.faults.map(plain), exitCode: exitCodes.usage };
  }
  if (error instanceof PurchaseDeadlineError) {
    const details = ["The purchase may be recorded or not.", `Last: ${whyOf(error)}`];
    const advice = `Run the same command again with: --key ${shellWord(error.idempotencyKey)}`;
    return { title: "No answer in time", details, advice, exitCode: exitCodes.failed };
  }
  if (error instanceof OrderDeadlineError) {
    const last = error.cause === undefined ? [] : [`Last: ${whyOf(error)}`];
    const details = ["The order may be changed or not.", ...last];
    const key = error.idempotencyKey === null ? "" : ` with: --key ${shellWord(error.idempotencyKey)}`;
    const advice = `Run the same command again${key}`;
    return { title: "No certain answer in time", details, advice, exitCode: exitCodes.failed };
  }
  if (error instanceof CommandError) {
    return { title: plain(error.message), details: [], advice: error.advice, exitCode: exitCodes.failed };
  }
  return undefined;
}

function describeProblem({ problem }: ProblemError, onsaleUrl: string): Failure {
  const { title, detail, status, code, errors = [], requestId, retryable } = problem;
  const faults = errors.map((fault) => `${fault.pointer} ${fault.detail}`.trim());
  const details = [detail, ...faults.filter((fault) => !detail.includes(fault))];
  const request = requestId === "" ? "" : `, request ${requestId}`;
  const byStatus: Readonly<Record<number, string>> = {
    401: "Set ONSALE_API_KEY to a valid key; make one with: onsale keys create --name NAME",
    403: "Use a key that has the scope for this; see the keys with: onsale keys list",
    429: "Wait, and run the command again.",
  };
  const other = retryable ? "This may be temporary: run the command again." : undefined;
  const isForeign = code === "unexpected-answer";
  const foreign = `Is this an Onsale gateway? ${onsaleUrl} was called; set ONSALE_URL to call another address.`;
  return {
    title: plain(title),
    details: [...details.map(plain), plain(`(${status} ${code}${request})`)],
    advice: isForeign ? foreign : (adviceByCode[code] ?? byStatus[status] ?? other),
    exitCode: exitCodes.failed,
  };
}
