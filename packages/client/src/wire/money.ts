import { isRecord } from "./shape.ts";

/** An amount of money in the currency's minor unit; `currency` is a code of ISO 4217. */
export type Money = Readonly<{ amount: number; currency: string }>;

/** An amount of money. */
export function isMoney(value: unknown): value is Money {
  return isRecord(value) && typeof value.amount === "number" && typeof value.currency === "string";
}
