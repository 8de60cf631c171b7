// The rules of a sale, as a gateway knows them before it records a purchase: whether the sale is open, and how many
// tickets an order may ask for. Pure.
//
// Of times, a gateway refuses only what PostgreSQL's clock certainly rules out; near the beginning and the end of a
// sale it leaves the decision to the insert (recorder.ts), which goes by the same clock as `created_at`.
import type { FoundCode } from "@onsale/database/statements/rules/access-codes";
import { countTickets, type Line } from "@onsale/domain/decide";
import type { Demand } from "@onsale/domain/demand";
import { intersect, isWithin, type SaleWindow } from "@onsale/domain/sale-window";
import type { CatalogueEvent } from "../catalogue/catalogue.ts";
import { ProblemError } from "../http/problem-error.ts";
import { validationProblem } from "../http/validation.ts";
import { isLimited, unknownType } from "./terms.ts";

/** PostgreSQL's time, and how far it may be from that. */
export type EstimatedTime = Readonly<{ nowMs: () => number; errorMs: () => number }>;

/**
 * When an order with these lines is accepted: while the event and all its ticket types are on sale. That holds for
 * `allowPartial`, too: the lane that grants single lines knows no windows, because waiting in it disqualifies nobody.
 */
export function windowOf(event: CatalogueEvent, { lines }: Demand): SaleWindow {
  let window = event.window;
  for (const { ticketType } of lines) {
    const type = event.ticketTypes.get(ticketType);
    if (type !== undefined) window = intersect(window, type.window);
  }
  return window;
}

/** What is wrong with a purchase; what will pass comes last. Undefined when the rules allow it. */
export function findRefusal(
  event: CatalogueEvent,
  demand: Demand,
  window: SaleWindow,
  clock: EstimatedTime,
  code: FoundCode | undefined,
): ProblemError | undefined {
  const unknown = findUnknownType(event, demand);
  if (unknown !== undefined) return unknown;
  if (event.isCancelled) return new ProblemError("event-cancelled", `The event ${event.code} was cancelled.`);
  if (hasSeveralCurrencies(event, demand)) return validationProblem([currencyFault]);
  const nowMs = clock.nowMs();
  const isOpen = isWithin(window, nowMs);
  if (!isOpen && nowMs - clock.errorMs() >= window.closesAtMs) return windowProblem(window, nowMs);
  const faulty = findCodeFault(event, demand, code) ?? findOrderLimit(event, demand, code);
  if (faulty !== undefined) return faulty;
  if (demand.customerRef === null && isLimited(event, demand)) {
    return new ProblemError("customer-required", "Send the buyer's customerRef: their tickets are counted.");
  }
  if (event.isPaused) return new ProblemError("sale-paused", `The sale of ${event.code} is paused. Try again later.`);
  return !isOpen && nowMs + clock.errorMs() < window.opensAtMs ? windowProblem(window, nowMs) : undefined;
}

/** Why a purchase is not accepted at a time outside of its window. */
export function windowProblem({ opensAtMs, closesAtMs }: SaleWindow, atMs: number): ProblemError {
  // One that closes before it opens will never be open.
  if (atMs >= closesAtMs || closesAtMs <= opensAtMs) {
    return new ProblemError("sale-closed", "These tickets are not sold any more.");
  }
  const opensAt = new Date(opensAtMs).toISOString();
  return new ProblemError("sale-not-open", `These tickets are sold from ${opensAt} on.`, { extra: { opensAt } });
}

const currencyFault = { pointer: "/items", detail: "must name ticket types whose prices have the same currency" };

/** Such a basket could not be paid with one payment. */
function hasSeveralCurrencies(event: CatalogueEvent, { lines }: Demand): boolean {
  if (lines.length === 1) return false;
  const currencies = lines.flatMap(({ ticketType }) => event.ticketTypes.get(ticketType)?.price?.currency ?? []);
  return new Set(currencies).size > 1;
}

/** A hidden type is unknown to who names no code. */
function findUnknownType(event: CatalogueEvent, { lines, accessCode }: Demand): ProblemError | undefined {
  for (const { ticketType } of lines) {
    const type = event.ticketTypes.get(ticketType);
    if (type === undefined || (type.isHidden && accessCode === null)) return unknownType(event, ticketType);
  }
  return undefined;
}

function findCodeFault(event: CatalogueEvent, { lines, accessCode }: Demand, code: FoundCode | undefined) {
  if (accessCode === null) return undefined;
  if (code === undefined) {
    return new ProblemError("access-code-not-found", `The event ${event.code} has no such access code.`);
  }
  const closed = lines.find(({ ticketType }) => {
    return event.ticketTypes.get(ticketType)?.isHidden === true && !code.ticketTypes.includes(ticketType);
  });
  return closed === undefined ? undefined : unknownType(event, closed.ticketType);
}

/** A code's limit takes the place of those of the event and the ticket types, for the ticket types that it names. */
function findOrderLimit(
  event: CatalogueEvent,
  { lines }: Demand,
  code: FoundCode | undefined,
): ProblemError | undefined {
  const ofCode = code?.maxPerOrder ?? null;
  if (code === undefined || ofCode === null) return findEventLimit(event, lines);
  const isOfCode = ({ ticketType }: Line) => code.ticketTypes.includes(ticketType);
  if (countTickets(lines.filter(isOfCode)) > ofCode) return orderLimitProblem(ofCode, "tickets with this code");
  const others = lines.filter((line) => !isOfCode(line));
  return findEventLimit(event, others);
}

function findEventLimit(event: CatalogueEvent, lines: readonly Line[]): ProblemError | undefined {
  if (event.maxPerOrder !== null && countTickets(lines) > event.maxPerOrder) {
    return orderLimitProblem(event.maxPerOrder, "tickets of this event");
  }
  for (const { ticketType, quantity } of lines) {
    const limit = event.ticketTypes.get(ticketType)?.maxPerOrder ?? null;
    if (limit !== null && quantity > limit) return orderLimitProblem(limit, `tickets of the type ${ticketType}`);
  }
  return undefined;
}

function orderLimitProblem(maxPerOrder: number, what: string): ProblemError {
  const detail = `An order may ask for at most ${maxPerOrder} ${what}.`;
  return new ProblemError("order-limit", detail, { extra: { maxPerOrder } });
}
