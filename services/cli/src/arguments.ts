// The parsers of arguments and options. Each refuses an invalid value before the command does anything.
import {
  customerRefPattern,
  deliveryStatuses,
  eventCodePattern,
  orderLinesMax,
  orderQuantityMax,
  pageSizeMax,
  paymentReferencePattern,
  plainTextPattern,
  strategies,
  ticketTotalMax,
  ticketTypePattern,
  webhookTypes,
} from "@onsale/contracts/values";
import { parseIdempotencyKey } from "@onsale/domain/idempotency";
import { parseApiKey } from "@onsale/security/api-key";
import { InvalidArgumentError, Option } from "commander";

const personNameMax = 100;

/** A parser of whole numbers within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** A parser of the same values, or of `none`. Not of null: Commander takes that for an option without a value. */
export function orNone<T>(parse: (text: string) => T): (text: string) => T | "none" {
  return (text) => (text === "none" ? text : parse(text));
}

export function eventCode(text: string): string {
  if (new RegExp(eventCodePattern, "u").test(text)) return text;
  throw new InvalidArgumentError("An event's code has 1 to 64 letters, digits, _ and -.");
}

export function ticketType(text: string): string {
  if (new RegExp(ticketTypePattern, "u").test(text)) return text;
  throw new InvalidArgumentError("A ticket type has 1 to 32 capital letters, digits, _ and -, such as STANDARD.");
}

export const ticketTotal = wholeNumber(0, ticketTotalMax);
export const quantity = wholeNumber(1, orderQuantityMax);

type Stock = Readonly<{ ticketType: string; total: number }>;
type Line = Readonly<{ ticketType: string; quantity: number }>;

/** Parses one `--ticket VIP=200`, and adds it to those given before. */
export function ticketStock(text: string, before: readonly Stock[] = []): readonly Stock[] {
  const [type, total] = typeAndFigure(text, before);
  return [...before, { ticketType: type, total: ticketTotal(total) }];
}

/** Parses one `--item VIP=2`, and adds it to those given before. */
export function lines(text: string, before: readonly Line[] = []): readonly Line[] {
  if (before.length === orderLinesMax) throw new InvalidArgumentError(`An order has up to ${orderLinesMax} items.`);
  const [type, tickets] = typeAndFigure(text, before);
  return [...before, { ticketType: type, quantity: quantity(tickets) }];
}

function typeAndFigure(text: string, before: readonly Readonly<{ ticketType: string }>[]): [string, string] {
  const [, name, figure = ""] = /^(.*?)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("It must be a ticket type and a number, such as VIP=2.");
  const type = ticketType(name);
  if (before.some((other) => other.ticketType === type)) throw new InvalidArgumentError(`${type} is given twice.`);
  return [type, figure];
}

const zonedTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** A time with its offset from UTC, so that it is the same moment on every machine. */
export function moment(text: string): string {
  if (!zonedTime.test(text)) {
    throw new InvalidArgumentError("It must be a time with an offset, such as 2027-05-01T19:00:00Z.");
  }
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || !isOnClock(text)) {
    throw new InvalidArgumentError("There is no such time: a day has 24 hours from 00:00, and a month its own days.");
  }
  return date.toISOString();
}

/** Whether the date and the time of day exist: `Date` takes February 30 for March 2, and 24:00 for the next day. */
function isOnClock(text: string): boolean {
  const local = text.slice(0, "2027-05-01T19:00".length);
  const date = new Date(`${local}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local);
}

/** An idempotency key as the header takes it. It is sent unchanged. */
export function idempotencyKey(text: string): string {
  if (parseIdempotencyKey(text).ok) return text;
  throw new InvalidArgumentError("A key has 1 to 255 visible ASCII characters, and no spaces.");
}

/** The reference of a payment. */
export function paymentReference(text: string): string {
  if (new RegExp(paymentReferencePattern, "u").test(text)) return text;
  throw new InvalidArgumentError("A payment's reference has 1 to 128 visible ASCII characters, and no spaces.");
}

/** A customer's reference. */
export function customerRef(text: string): string {
  if (new RegExp(customerRefPattern, "u").test(text)) return text;
  throw new InvalidArgumentError("A customer's reference has 1 to 128 visible ASCII characters, and no spaces.");
}

/** An id of the API. Only the gateway knows whether it exists. */
export function id(text: string): string {
  if (/^[0-9A-Za-z-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "An id has up to 64 letters, digits and -, such as 0198f2c4-5b1e-7c3a-9d41-2f6a8b7c9d10.",
  );
}

/** The name of a key or an account, for people. */
export function personName(text: string): string {
  if ([...text].length <= personNameMax && new RegExp(plainTextPattern, "u").test(text)) return text;
  throw new InvalidArgumentError(
    "A name has 1 to 100 characters, a visible one among them, and none that is invisible or a control character.",
  );
}

/** The id of an API key, given as the id or as the whole key. */
export function keyId(text: string): string {
  const id = parseApiKey(text)?.id ?? text;
  if (/^[0-9A-Za-z]{12}$/.test(id)) return id;
  throw new InvalidArgumentError("An id has 12 letters and digits; see them with: onsale keys list");
}

/** How many items of a list to show. */
export const limitOption = () =>
  new Option("-n, --limit <count>", "how many to show, from the newest on")
    .default(20)
    .argParser(wholeNumber(1, 100 * pageSizeMax));

export const strategyOption = () => new Option("--strategy <name>", "how the stock is guarded").choices(strategies);

export const deliveryStatusOption = () =>
  new Option("--status <status>", "only deliveries in this status").choices(deliveryStatuses);

export const webhookTypesOption = () =>
  new Option("--events <type...>", "the types of webhooks to send").choices(webhookTypes).default([...webhookTypes]);
