// Why an order was rejected, in a sentence that a person at the box office would say.
import { type OrderFacts, presentReason } from "@onsale/contracts/present-order";
import { eventPool, poolName } from "@onsale/domain/rules";

type ReasonFacts = Pick<OrderFacts, "reason" | "shortage" | "ticketType" | "quantity">;
type ShortLine = Readonly<{ ticketType: string; requested: number; available: number; counter: string }>;

/** @returns null for an order that was not rejected */
export function describeReason(facts: ReasonFacts): string | null {
  const reason = presentReason(facts);
  if (facts.reason === null || reason === null) return null;
  const lines = reason.lines ?? [];
  switch (facts.reason) {
    case "sold-out":
    case "insufficient-stock":
      return lines.length === 0 ? reason.detail : `Sold out: ${lines.map(describeShortage).join("; ")}.`;
    case "customer-limit":
      return lines.length === 0
        ? reason.detail
        : `Over the limit per customer: ${lines.map(describeLimit).join("; ")}.`;
    case "access-code-used-up":
      return "All uses of the access code were taken.";
    case "waiting-list-first":
      return "Orders on the waiting list came first.";
    case "event-cancelled":
      return "The event was cancelled.";
    case "internal-error":
      return "The order could not be processed, and got no tickets. The worker's log says why.";
  }
}

function describeShortage({ ticketType, requested, available, counter }: ShortLine): string {
  const pool = poolName(counter);
  const where = pool !== null ? ` in the pool ${pool}` : counter === eventPool ? " of all tickets together" : "";
  return `${requested} ${ticketType} asked for, ${countLeft(available)} left${where}`;
}

function describeLimit(line: ShortLine): string {
  return line.counter.startsWith("customer")
    ? `${line.requested} ${line.ticketType} asked for, ${countLeft(line.available)} still allowed`
    : describeShortage(line);
}

function countLeft(count: number): string {
  return count === 0 ? "none was" : count === 1 ? "1 was" : `${count} were`;
}
