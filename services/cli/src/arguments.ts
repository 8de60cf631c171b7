// The parsers of arguments and options. Each refuses an invalid value before the command does anything.
import {
  accessCodePattern,
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

type Pool = Readonly<{ name: string; total: number }>;

/** Parses one `--pool HALL=500`, and adds it to those given before. */
export function pool(text: string, before: readonly Pool[] = []): readonly Pool[] {
  const [name, total] = typeAndFigure(
    text,
    before.map((other) => ({ ticketType: other.name })),
  );
  return [...before, { name, total: ticketTotal(total) }];
}

/** Parses the names of `--pools`; `none` alone stands for no pools. */
export function poolNames(text: string, before: readonly string[] = []): readonly string[] {
  return text === "none" ? before : [...before, ticketType(text)];
}

/** Parses one of several ticket types, and adds it to those given before. */
export function ticketTypes(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ticketType(text)];
}

/** An access code as people pass it on. */
export function accessCode(text: string): string {
  if (new RegExp(accessCodePattern, "u").test(text)) return text;
  throw new InvalidArgumentError("An access code has 6 to 64 letters, digits and -.");
}

function typeAndFigure(text: string, before: readonly Readonly<{ ticketType: string }>[]): [string, string] {
  const [, name, figure = ""] = /^(.*?)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("It must be a name and a number, such as VIP=2.");
  const type = ticketType(name);
  if (before.some((other) => other.ticketType === type)) throw new InvalidArgumentError(`${type} is given twice.`);
  return [type, figure];
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
