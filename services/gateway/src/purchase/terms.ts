// What a purchase says beyond the order's columns.
import type { OrderTerms } from "@onsale/contracts/present-order";
import type { Price } from "@onsale/contracts/price";
import type { Demand } from "@onsale/domain/demand";
import type { HashCustomer } from "@onsale/security/customer-hash";
import type { CatalogueEvent } from "../catalogue/catalogue.ts";
import { ProblemError } from "../http/problem-error.ts";

/** The prices of the ticket types of a demand that have one; null when none has. */
export function pricesOf(event: CatalogueEvent, { lines }: Demand): Record<string, Price> | null {
  let prices: Record<string, Price> | null = null;
  for (const { ticketType } of lines) {
    const price = event.ticketTypes.get(ticketType)?.price ?? null;
    if (price !== null) prices = { ...(prices ?? {}), [ticketType]: price };
  }
  return prices;
}

export function unknownType(event: CatalogueEvent, ticketType: string): ProblemError {
  return new ProblemError("ticket-type-not-found", `The event ${event.code} has no ticket type ${ticketType}.`);
}

/** Whether the event or a ticket type of the demand has a limit per customer. */
export function isLimited(event: CatalogueEvent, { lines }: Demand): boolean {
  const limitOf = (ticketType: string) => event.ticketTypes.get(ticketType)?.maxPerCustomer ?? null;
  return event.maxPerCustomer !== null || lines.some(({ ticketType }) => limitOf(ticketType) !== null);
}

type TermSources = Readonly<{
  prices: Record<string, Price> | null;
  codeId: number | null;
  hashCustomer: HashCustomer | undefined;
}>;

/** Null for a plain purchase without a price. */
export function termsOf(event: CatalogueEvent, demand: Demand, sources: TermSources): OrderTerms | null {
  const { lines, holdSeconds, allowPartial, waitlist, customerRef } = demand;
  const { prices, codeId, hashCustomer } = sources;
  const isRuled = event.isRuled || waitlist;
  if (lines.length === 1 && holdSeconds === null && prices === null && !isRuled) return null;
  const customer =
    isRuled && customerRef !== null && isLimited(event, demand) ? hashCustomer?.(customerRef) : undefined;
  return {
    ...(lines.length > 1 ? { lines } : {}),
    ...(holdSeconds === null ? {} : { holdSeconds }),
    ...(allowPartial ? { allowPartial } : {}),
    ...(waitlist ? { waitlist } : {}),
    ...(codeId === null ? {} : { code: codeId }),
    ...(isRuled ? { ruled: true } : {}),
    ...(customer === undefined ? {} : { customer: customer.toString("hex") }),
    ...(prices === null ? {} : { prices }),
  };
}
