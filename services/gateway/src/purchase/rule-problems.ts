// The problems of rules that cannot be set.
import type { ValidationFault } from "@onsale/contracts/problem";
import { poolsMax } from "@onsale/contracts/values";
import { RulesRefusedError } from "@onsale/database/statements/rules/rules-refused";
import { ProblemError } from "../http/problem-error.ts";
import { validationProblem } from "../http/validation.ts";
import { keyMissingProblem } from "./access-codes.ts";

/**
 * Customers are counted under a hash with a key.
 *
 * @param limits per customer, as a request sets them
 * @throws ProblemError `customer-key-missing`
 */
export function requireCustomerKey(hasKey: boolean, limits: readonly (number | null | undefined)[]): void {
  if (hasKey || limits.every((limit) => limit == null)) return;
  throw keyMissingProblem();
}

/** The pools of a request that are named twice. */
export function findPoolFaults(pools: readonly Readonly<{ name: string }>[] = []): ValidationFault[] {
  const names = pools.map(({ name }) => name);
  return names.flatMap((name, index) => {
    return names.indexOf(name) === index ? [] : [{ pointer: `/pools/${index}/name`, detail: "is named twice" }];
  });
}

/** The problem of an error when rules were changed; other errors are returned as they are. */
export function rulesProblem(error: unknown): unknown {
  if (!(error instanceof RulesRefusedError)) return error;
  const { result } = error;
  switch (result.kind) {
    case "unknown-ticket-type":
      return new ProblemError("ticket-type-not-found", `The event has no ticket type ${result.ticketType}.`);
    case "unknown-pool": {
      const { ticketType, pool } = result;
      return new ProblemError(
        "pool-not-found",
        `${ticketType} is to draw on ${pool}, a pool that the event does not have.`,
      );
    }
    case "too-many-pools":
      return validationProblem([{ pointer: "/pools", detail: `would give the event more than ${poolsMax} pools` }]);
    case "below-allocated": {
      const { allocated, pool, total } = result;
      const detail = `${allocated} tickets of the pool ${pool} are allocated, so its total cannot be ${total}.`;
      return new ProblemError("total-below-allocated", detail);
    }
    case "event-cancelled":
      return new ProblemError(result.kind, "The event was cancelled, so its sale stays as it is.");
  }
}
