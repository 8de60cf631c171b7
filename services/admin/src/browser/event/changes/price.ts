// Prices as people type them. Without Preact, so that tests can run it in Node.
import type { Money } from "../../../console/messages/messages.ts";

/** How many decimals amounts of a currency have; two for one that the browser does not know. */
function decimalsOf(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/**
 * The price in the minor unit; null when the amount is empty, and undefined when it is no amount of the currency.
 *
 * @param amount with a point or a comma before the decimals
 */
export function parsePrice(amount: string, currency: string): Money | null | undefined {
  if (amount === "") return null;
  const code = currency.toUpperCase();
  const [, whole, decimals = ""] = /^(\d{1,12})(?:[.,](\d{1,4}))?$/.exec(amount) ?? [];
  if (whole === undefined || !/^[A-Z]{3}$/.test(code)) return undefined;
  const digits = decimalsOf(code);
  if (decimals.length > digits) return undefined;
  return { amount: Number(whole + decimals.padEnd(digits, "0")), currency: code };
}

/** The amount as `parsePrice` reads it. */
export function writeAmount({ amount, currency }: Money): string {
  const digits = decimalsOf(currency);
  return (amount / 10 ** digits).toFixed(digits);
}
