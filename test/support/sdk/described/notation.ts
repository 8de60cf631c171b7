// The notation of the tables in this folder.

/**
 * The table of a type: the compiler compares the type with it, and a test the schema. An optional field has a `?` in
 * its name, an array is a list of one item, and the values of an enum are keys.
 */
export type Described<T> = [null] extends [T]
  ? { orNull: Described<Exclude<T, null>> }
  : [T] extends [boolean]
    ? "boolean"
    : [T] extends [number]
      ? "number"
      : [T] extends [string]
        ? string extends T
          ? "string"
          : { oneOf: { [Value in T]: true } }
        : [T] extends [readonly (infer Item)[]]
          ? readonly [Described<Item>]
          : { [K in keyof T & string as object extends Pick<T, K> ? `${K}?` : K]-?: Described<NonUndefined<T[K]>> };
type NonUndefined<T> = Exclude<T, undefined>;

export const money = { amount: "number", currency: "string" } as const;
export const line = { ticketType: "string", quantity: "number" } as const;

/** The fields of a page but its items. */
export const page = {
  number: "number",
  size: "number",
  totalElements: "number",
  totalIsExact: "boolean",
  totalPages: "number",
  first: "boolean",
  last: "boolean",
  empty: "boolean",
  nextCursor: { orNull: "string" },
} as const;
