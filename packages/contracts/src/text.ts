// Schemas of texts and times that other wire schemas are made of.
import { type Static, type TSchema, Type } from "typebox";

/** The same schema, or null. A list of types serialises much faster than a union. */
export const Nullable = <S extends TSchema & { type: string }>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, "null"] });

/** A reference to a schema that is registered under its `$id`. */
export const Ref = <S extends TSchema & { $id?: string }>(schema: S) =>
  Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` });

/** A time: RFC 3339; in answers in UTC with milliseconds. */
export const Timestamp = (description: string) =>
  Type.String({ format: "date-time", description, examples: ["2026-12-01T19:00:00.000Z"] });

/** Text for people, without control characters and lone surrogates: PostgreSQL cannot store all of them unchanged. */
export const PlainText = (maxLength: number, options: { description: string; examples: string[] }) =>
  Type.String({ minLength: 1, maxLength, pattern: "^[^\\p{Cc}\\p{Cs}]+$", ...options });

export const EventCode = Type.String({
  pattern: "^[A-Za-z0-9_-]{1,64}$",
  description: "The event's code, unique within the account.",
  examples: ["EVNT-ROCK-2025"],
});

export const TicketType = Type.String({
  pattern: "^[A-Z0-9_-]{1,32}$",
  description: "Usually VIP, STANDARD or STUDENT.",
  examples: ["STANDARD"],
});

/** The most tickets that one ticket type can have; far below the limit of PostgreSQL's integer, so sums fit, too. */
export const ticketTotalMax = 10_000_000;

export const TicketTotal = Type.Integer({
  minimum: 0,
  maximum: ticketTotalMax,
  description: "Tickets of this type in all, sold ones included.",
  examples: [5000],
});
