import { Type } from "typebox";

/** The highest number that the database can give an event. */
export const eventIdMax = 2 ** 31 - 1;

/** An event, as the database numbers it: its code is unique within an account only. */
export const EventId = Type.Integer({ minimum: 1, maximum: eventIdMax });

const uuidPattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
const textPattern = "^[^\\u0000]*$";

export const Uuid = Type.String({ pattern: uuidPattern });

/** What people search for; PostgreSQL takes every character but one. */
export const SearchText = Type.String({ minLength: 1, maxLength: 200, pattern: textPattern });

/** What each pattern asks for, in words. */
export const patternRules: ReadonlyMap<string, string> = new Map([
  [uuidPattern, "must be a UUID"],
  [textPattern, "must not have a NUL character in it"],
]);
