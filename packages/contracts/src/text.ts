import { type Static, type TSchema, Type } from "typebox";

/** The same schema, or null; written as a list of types, which serialises much faster than a union. */
export const Nullable = <S extends TSchema & { type: string }>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, "null"] });

/** Names a schema that is registered under its `$id`, instead of repeating it. */
export const Ref = <S extends TSchema & { $id?: string }>(schema: S) =>
  Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` });

/** A moment: RFC 3339, answered in UTC with milliseconds. */
export const Timestamp = (description: string) =>
  Type.String({ format: "date-time", description, examples: ["2026-12-01T19:00:00.000Z"] });

/** Text for people: no control characters and no lone surrogates, which PostgreSQL could not store unchanged. */
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

/** How many tickets one ticket type can have at most; fits PostgreSQL's integer with room to add. */
export const ticketTotalMax = 10_000_000;

export const TicketTotal = Type.Integer({
  minimum: 0,
  maximum: ticketTotalMax,
  description: "How many tickets there are in all.",
  examples: [5000],
});
