import { isRecord } from "./shape.ts";

/** Codes to make: one that you choose, or as many as `count` says. */
export type NewAccessCodes = Readonly<
  ({ code: string; count?: undefined } | { code?: undefined; count: number }) & {
    /** The ticket types that a code opens, when they are hidden. */
    ticketTypes: readonly string[];
    /** How many orders may use a code at a time; a use comes back when its order ends. */
    maxUses: number;
    /** The most tickets of an order with the code, in place of the other limits per order. */
    maxPerOrder?: number;
  }
>;

/** An access code in lists: the code itself is not stored. */
export type AccessCode = Readonly<{
  id: number;
  /** The code's last characters; null for a code of less than 12. */
  hint: string | null;
  ticketTypes: readonly string[];
  maxUses: number;
  /** Orders that use it. */
  used: number;
  maxPerOrder: number | null;
  /** RFC 3339. */
  createdAt: string;
  revokedAt: string | null;
}>;

/** A new code; no other answer has it. */
export type CreatedAccessCode = AccessCode & Readonly<{ code: string }>;

/** An access code. */
export function isAccessCode(value: unknown): value is AccessCode {
  return isRecord(value) && typeof value.id === "number" && Array.isArray(value.ticketTypes);
}

/** New access codes. */
export function isCreatedCodes(value: unknown): value is readonly CreatedAccessCode[] {
  const isCreated = (item: unknown) => isAccessCode(item) && "code" in item && typeof item.code === "string";
  return Array.isArray(value) && value.every(isCreated);
}
