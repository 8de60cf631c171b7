// The limits and the fixed words of the API, without the schemas: the command line and the notifier need no schemas,
// and start in half the time without TypeBox.

/** The path that every route of the API begins with. */
export const basePath = "/api/v1";

export const orderStatuses = ["PENDING", "WAITING", "HELD", "CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED"] as const;

export const strategies = ["optimistic", "pessimistic"] as const;

/** The reasons of rejected orders, by code, with a sentence for the buyer. */
export const rejectionReasons = {
  "sold-out": "No tickets of this type are left.",
  "insufficient-stock": "Some tickets of this type are left, but fewer than this order asks for.",
  "customer-limit": "The customer already has, or asks for, more tickets than one customer may have.",
  "access-code-used-up": "All uses of the access code are taken.",
  "waiting-list-first": "Orders on the waiting list come first.",
  "event-cancelled": "The event was cancelled.",
  "internal-error": "This order could not be processed. No tickets were allocated to it.",
} as const;

/** The most tickets that one order may ask for. */
export const orderQuantityMax = 10_000;

/** The most lines that one order may have, as they are sent. */
export const orderLinesMax = 10;

/** What a sale can be. `closed` wins over `paused`, and `paused` over `scheduled`. */
export const saleStates = ["scheduled", "open", "paused", "closed", "cancelled"] as const;

/** For how many seconds a hold may last, and how long it does when the request does not say. */
export const holdSecondsMin = 30;
export const holdSecondsMax = 3_600;
export const holdSecondsDefault = 600;

/** The most tickets that one ticket type can have; far below the limit of PostgreSQL's integer, so sums fit, too. */
export const ticketTotalMax = 10_000_000;

/** For how many seconds an offer of the waiting list is held, when the event does not say. */
export const offerSecondsDefault = 600;

/** What happens when an order that waits needs more than there is. */
export const waitlistPolicies = ["skip", "strict"] as const;

export const visibilities = ["public", "code"] as const;

/** The most pools of an event, and the most that one ticket type draws on. */
export const poolsMax = 16;

/** The most access codes that one request makes. */
export const codesMax = 1_000;

/** Patterns of JSON Schema, for `new RegExp(pattern, "u")`. */
export const eventCodePattern = "^[A-Za-z0-9_-]{1,64}$";
export const ticketTypePattern = "^[A-Z0-9_-]{1,32}$";
/**
 * What no text for people may have, apart from the sequences below: control characters and lone surrogates, which
 * PostgreSQL cannot store unchanged; line separators; and characters that are invisible or turn the direction of the
 * text, because they make one name look like another (Unicode Technical Report 36).
 */
const unfit =
  "\\p{Cc}\\p{Cs}\\p{Cf}\\p{Zl}\\p{Zp}\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180D\\u180F\\u2800\\u3164\\uFFA0";
/**
 * Invisible or formatting, but emoji, Persian and Indic scripts need the joiners, Arabic its number signs, and names in
 * two directions the marks LRM, RLM and ALM, which act on their neighbours only.
 */
const fit = "\\u200C-\\u200F\\u061C\\u0600-\\u0605\\u06DD";
/** Invisible on its own. */
const blank = "\\p{Zs}\\p{Variation_Selector}";
/**
 * A tag, U+E0020 to U+E007F, by its properties: some readers of JSON Schema check patterns without the flag `u`, where
 * a range of such characters is an error.
 */
const tag = "(?=\\p{Cf})(?!\\u200D)\\p{Emoji_Component}";
/** An emoji with tags, such as the flags of England and Scotland (Unicode Technical Standard 51, ED-14a). */
const taggedEmoji = `\\p{Extended_Pictographic}(?:(?!\\uDB40\\uDC7F)${tag}){1,6}\\uDB40\\uDC7F`;
const piece = `(?:${taggedEmoji}|[^${unfit}]|[${fit}])`;
/** An embedding or isolate with its end in the same text; overrides are refused even so. */
const ended = `[\\u202A\\u202B]${piece}*\\u202C|[\\u2066-\\u2068]${piece}*\\u2069`;
/**
 * Text for people: fit to be stored and shown, with a visible character. At each place only one of the parts matches,
 * so that a match takes time in proportion to the text.
 */
export const plainTextPattern = `^(?=[${blank}${unfit}${fit}]*[^${blank}${unfit}${fit}])(?:${piece}|${ended})*$`;

/** The pattern of an access code. */
export const accessCodePattern = "^[A-Za-z0-9-]{6,64}$";

/** The pattern of a client's own reference for a buyer. */
export const customerRefPattern = "^[\\x21-\\x7E]{1,128}$";

/** The pattern of an idempotency key, as it is stored: without the quotes that its header may have. */
export const idempotencyKeyPattern = "^[\\x21-\\x7E]{1,255}$";

/** The pattern of a client's own reference for a payment. */
export const paymentReferencePattern = "^[\\x21-\\x7E]{1,128}$";

/** The pattern of a currency: three letters of ISO 4217. */
export const currencyPattern = "^[A-Z]{3}$";

/** The highest price of one ticket in the currency's minor unit; every order's total is a safe integer. */
export const priceAmountMax = 100_000_000;

/** The pattern of a list's cursor. */
export const cursorPattern = "^[A-Za-z0-9_-]{1,128}$";

/** What a text must be, by the pattern that it does not match, as the end of a sentence. */
export const textRules: ReadonlyMap<string, string> = new Map([
  [eventCodePattern, "must be 1 to 64 letters, digits, hyphens or underscores"],
  [ticketTypePattern, "must be 1 to 32 capital letters, digits, hyphens or underscores"],
  [
    plainTextPattern,
    "must have a visible character, and no control characters, invisible characters or changes of direction without " +
      "their end",
  ],
  [accessCodePattern, "must be 6 to 64 letters, digits or hyphens"],
  [customerRefPattern, "must be 1 to 128 visible ASCII characters without spaces"],
  [idempotencyKeyPattern, "must be 1 to 255 visible ASCII characters without spaces"],
  [paymentReferencePattern, "must be 1 to 128 visible ASCII characters without spaces"],
  [currencyPattern, "must be three capital letters (ISO 4217)"],
  [cursorPattern, "must be the nextCursor of a page"],
]);

/** The most ticket types that one event can have. */
export const ticketTypesMax = 64;

export const pageSizeMax = 100;

/** The facts that an endpoint can subscribe to. */
export const webhookTypes = [
  "order.held",
  "order.confirmed",
  "order.rejected",
  "order.expired",
  "order.cancelled",
  "order.refund_required",
  "order.waitlisted",
  "order.offered",
] as const;

/** The most characters of an endpoint's URL. */
export const webhookUrlMax = 2_048;

export const deliveryStatuses = ["PENDING", "DELIVERED", "FAILED"] as const;
