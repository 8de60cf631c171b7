// The schemas of request parameters, and the rules that their patterns stand for.
import { textRules } from "@onsale/contracts/values";
import { Type } from "typebox";

/** PostgreSQL's largest `integer`, which event ids are. */
const eventIdMax = 2 ** 31 - 1;

/** An event's number in the database; its code is unique only within an account. */
export const EventId = Type.Integer({ minimum: 1, maximum: eventIdMax });

const uuidPattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
const textPattern = "^[^\\u0000]*$";

export const Uuid = Type.String({ pattern: uuidPattern });

/** A search text. PostgreSQL stores every character but NUL. */
export const SearchText = Type.String({ minLength: 1, maxLength: 200, pattern: textPattern });

/** What an error message says of a value that does not match, by pattern. */
export const patternRules: ReadonlyMap<string, string> = new Map([
  ...textRules,
  [uuidPattern, "must be a UUID"],
  [textPattern, "must not have a NUL character in it"],
]);
