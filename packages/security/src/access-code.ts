// Access codes as they are made and stored, by gateways and the console alike.
import { createHmac, randomInt } from "node:crypto";

/** Crockford's base 32, which has no letters that look like digits. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const groupCount = 4;
const groupLength = 4;
const hintLength = 4;
/** Of a shorter code no hint is kept. */
const hintedLengthMin = 12;

/** Makes up a code of 80 random bits: 16 characters of 5 bits, in groups of four. */
export function makeAccessCode(): string {
  const group = () => Array.from({ length: groupLength }, () => alphabet[randomInt(alphabet.length)]).join("");
  return Array.from({ length: groupCount }, group).join("-");
}

/** The last characters of a code, to recognise it in lists; null for a short one, whose rest could be guessed. */
export function hintOf(code: string): string | null {
  return code.length < hintedLengthMin ? null : code.slice(-hintLength);
}

/**
 * Computes what stands for a code in the database. 32 bytes. Letters of either case are the same.
 *
 * @param key CUSTOMER_KEY
 */
export function hashAccessCode(key: Buffer, code: string): Buffer {
  return createHmac("sha256", key).update(`access code ${code.toUpperCase()}`).digest();
}
