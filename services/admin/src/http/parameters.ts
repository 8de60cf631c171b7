// The schemas of request parameters, and the rules that their patterns stand for.
import { textRules } from "@onsale/contracts/values";
import { Type } from "typebox";

/** PostgreSQL's largest `integer`, which event ids are. */
const eventIdMax = 2 ** 31 - 1;

/** An event's number in the database; its code is unique only within an account. */
export const EventId = Type.Integer({ minimum: 1, maximum: eventIdMax });

const uuidPattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
const apiKeyIdPattern = "^[0-9A-Za-z]{12}$";
const textPattern = "^[^\\u0000]*$";

export const Uuid = Type.String({ pattern: uuidPattern });

/** The public part of an API key. */
export const ApiKeyId = Type.String({ pattern: apiKeyIdPattern });

/** The number of a row after which a page begins. */
export const RowId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** A search text. PostgreSQL stores every character but NUL. */
export const SearchText = Type.String({ minLength: 1, maxLength: 200, pattern: textPattern });

/** What an error message says of a value that does not match, by pattern. */
export const patternRules: ReadonlyMap<string, string> = new Map([
  ...textRules,
  [uuidPattern, "must be a UUID"],
  [apiKeyIdPattern, "must be the 12 letters and digits of a key's id"],
  [textPattern, "must not have a NUL character in it"],
]);
