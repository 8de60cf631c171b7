// Which purchases are not recorded at the moment although the rules allow them: nothing is left, or the queue is full.
import type { Demand } from "@onsale/domain/demand";
import { ProblemError } from "../http/problem-error.ts";
import type { Backlog } from "../overload/backlog.ts";
import type { Intake } from "./intake.ts";
import type { PurchaseRequest } from "./recorder.ts";
import type { SoldOut } from "./sold-out.ts";

export type HopeParts = Readonly<{
  soldOut: Pick<SoldOut, "has" | "heldCount">;
  backlog: Pick<Backlog, "isFull" | "problemOf">;
}>;

export type Hopes = Readonly<{
  /** False while another purchase with the same key is pending: both get the same order. */
  isHopeless: (request: PurchaseRequest, demand: Demand) => boolean;
  /** Why. Sold out comes first: for that, a buyer need not come back. */
  problemOf: (eventId: number, demand: Demand) => ProblemError;
}>;

const none: readonly string[] = Object.freeze([]);

export function createHopes(parts: HopeParts & Readonly<{ intake: Pick<Intake, "isPending"> }>): Hopes {
  const { soldOut, backlog, intake } = parts;

  /** The ticket types without which the purchase has no chance, when it has none. */
  function soldOutTypes(eventId: number, { lines, allowPartial, waitlist }: Demand): readonly string[] {
    if (waitlist) return none;
    let gone = none;
    for (const { ticketType } of lines) if (soldOut.has(eventId, ticketType)) gone = [...gone, ticketType];
    return allowPartial && gone.length < lines.length ? none : gone;
  }

  return {
    isHopeless: (request, demand) => {
      const { eventId } = request;
      return (backlog.isFull(eventId) || soldOutTypes(eventId, demand).length > 0) && !intake.isPending(request);
    },
    problemOf: (eventId, demand) => {
      const gone = soldOutTypes(eventId, demand);
      if (gone.length === 0) return backlog.problemOf(eventId);
      return soldOutProblem(gone, soldOut.heldCount(eventId, gone));
    },
  };
}

/** While some of what is gone is only held, the same purchase may succeed later. */
function soldOutProblem(ticketTypes: readonly string[], held: number): ProblemError {
  const nothingLeft = `No ${ticketTypes.join(" or ")} tickets are left.`;
  if (held === 0) return new ProblemError("sold-out", nothingLeft);
  const detail = `${nothingLeft} ${held} of them are held and may come back.`;
  return new ProblemError("sold-out", detail, { retryable: true, extra: { held } });
}
