// The limits and the fixed words of the API, without the schemas: the command line and the notifier need no schemas,
// and start in half the time without TypeBox.

/** The path that every route of the API begins with. */
export const basePath = "/api/v1";

export const orderStatuses = ["PENDING", "HELD", "CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"] as const;

export const strategies = ["optimistic", "pessimistic"] as const;

/** The reasons of rejected orders, by code, with a sentence for the buyer. */
export const rejectionReasons = {
  "sold-out": "No tickets of this type are left.",
  "insufficient-stock": "Some tickets of this type are left, but fewer than this order asks for.",
  "internal-error": "This order could not be processed. No tickets were allocated to it.",
} as const;

/** The most tickets that one order may ask for. */
export const orderQuantityMax = 10_000;

/** The most tickets that one ticket type can have; far below the limit of PostgreSQL's integer, so sums fit, too. */
export const ticketTotalMax = 10_000_000;

/** Patterns of JSON Schema, for `new RegExp(pattern, "u")`. */
export const eventCodePattern = "^[A-Za-z0-9_-]{1,64}$";
export const ticketTypePattern = "^[A-Z0-9_-]{1,32}$";
/** Text for people, without control characters and lone surrogates: PostgreSQL cannot store all of them unchanged. */
export const plainTextPattern = "^[^\\p{Cc}\\p{Cs}]+$";

export const pageSizeMax = 100;

/** The facts that an endpoint can subscribe to. */
export const webhookTypes = ["order.confirmed", "order.rejected"] as const;

/** The most characters of an endpoint's URL. */
export const webhookUrlMax = 2_048;

export const deliveryStatuses = ["PENDING", "DELIVERED", "FAILED"] as const;
