// Schemas of texts and times that other wire schemas are made of.
import { type Static, type TSchema, Type } from "typebox";
import { eventCodePattern, plainTextPattern, ticketTotalMax, ticketTypePattern } from "./values.ts";

/** The same schema, or null. A list of types serialises much faster than a union. */
export const Nullable = <S extends TSchema & { type: string }>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, "null"] });

/** A reference to a schema that is registered under its `$id`. */
export const Ref = <S extends TSchema & { $id?: string }>(schema: S) =>
  Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` });

/** A time: RFC 3339; in answers in UTC with milliseconds. */
export const Timestamp = (description: string) =>
  Type.String({ format: "date-time", description, examples: ["2026-12-01T19:00:00.000Z"] });

/** What the schemas of one text in requests and in answers have in common. */
type TextOptions = Readonly<{ description: string; examples: string[] }>;

/** Text for people. */
export const PlainText = (maxLength: number, options: TextOptions) =>
  Type.String({ minLength: 1, maxLength, pattern: plainTextPattern, ...options });

const eventCode: TextOptions = {
  description: "The event's code, unique within the account.",
  examples: ["EVNT-ROCK-2025"],
};
const ticketType: TextOptions = { description: "Usually VIP, STANDARD or STUDENT.", examples: ["STANDARD"] };

export const EventCode = Type.String({ pattern: eventCodePattern, ...eventCode });
export const TicketType = Type.String({ pattern: ticketTypePattern, ...ticketType });

/** In answers. They have no rules for texts: what was stored under earlier rules is answered as it is. */
export const KnownEventCode = Type.String(eventCode);
/** In answers. */
export const KnownTicketType = Type.String(ticketType);

export const TicketTotal = Type.Integer({
  minimum: 0,
  maximum: ticketTotalMax,
  description: "Tickets of this type in all, sold ones included.",
  examples: [5000],
});
