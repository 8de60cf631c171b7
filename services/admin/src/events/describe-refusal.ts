// Says in a sentence why an event could not be changed, or what a change came to.
import { ticketTotalMax } from "@onsale/contracts/values";
import { classify } from "@onsale/database/errors";
import type { SetTotalResult } from "@onsale/database/statements/events/set-inventory-total";
import type { Move, MoveResult } from "@onsale/database/statements/rules/move-stock";
import { RulesRefusedError } from "@onsale/database/statements/rules/rules-refused";
import type { TimeFault } from "@onsale/domain/sale-window";
import { HttpError } from "../errors/http-error.ts";

const timeNames: Readonly<Record<string, string>> = {
  "/salesStart": "The beginning of the sale must be before its end.",
  "/salesEnd": "The end of the sale must be after its beginning.",
};

/** Times that contradict each other. */
export function timeRefusal([fault]: readonly TimeFault[]): HttpError {
  return new HttpError(400, timeNames[fault?.pointer ?? ""] ?? "These times contradict each other.");
}

/** The error for the person; errors other than a refusal are returned as they are. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof Error && classify(error) === "contention") {
    return new HttpError(503, "Another change of this event is being made; try again.");
  }
  if (!(error instanceof RulesRefusedError)) return error;
  const { result } = error;
  switch (result.kind) {
    case "unknown-ticket-type":
      return new HttpError(404, `The event has no ticket type ${result.ticketType}.`);
    case "unknown-pool":
      return new HttpError(404, `The event has no pool ${result.pool}.`);
    case "too-many-pools":
      return new HttpError(409, "The event has too many pools.");
    case "below-allocated": {
      const { allocated, total } = result;
      return new HttpError(409, `${allocated} tickets of the pool are sold or held, so its total cannot be ${total}.`);
    }
    case "event-cancelled":
      return cancelledRefusal();
  }
}

function cancelledRefusal(): HttpError {
  return new HttpError(409, "The event is cancelled, so its sale stays as it is.");
}

/** @throws HttpError when the total stays as it was */
export function describeTotal(ticketType: string, total: number, result: SetTotalResult): string {
  switch (result.kind) {
    case "created":
    case "updated":
      return `${ticketType} has ${total} tickets now.`;
    case "below-allocated":
      throw new HttpError(409, `${result.allocated} tickets are sold or held, so the total cannot be ${total}.`);
    case "event-cancelled":
      throw cancelledRefusal();
    case "contradiction":
      throw timeRefusal(result.faults);
    case "too-many-ticket-types":
      throw new HttpError(409, "The event has too many ticket types.");
  }
}

/** @throws HttpError when nothing was moved */
export function describeMove({ from, to, quantity }: Move, result: MoveResult): string {
  switch (result.kind) {
    case "moved":
      return `${quantity} tickets are moved from ${from} to ${to}.`;
    case "unknown-ticket-type":
      throw new HttpError(404, `The event has no ticket type ${result.ticketType}.`);
    case "too-few":
      throw new HttpError(409, `Only ${result.available} tickets of ${from} are neither sold nor held.`);
    case "too-many":
      throw new HttpError(409, `${to} would have more than ${ticketTotalMax} tickets.`);
  }
}
