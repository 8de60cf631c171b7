// API keys: `onsale_<id>_<secret>_<checksum>`. The id names the key in lists and logs; the secret is 32 random bytes.
// The checksum is the CRC-32 of what is before it: it shows without a query that a key was cut or mistyped, and lets
// scanners find leaked keys. All parts are base62, so that a double click selects the whole key.
import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const idLength = 12;
const secretBytes = 32;
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Digits of base62 that are enough for 32 bytes, and for a CRC-32. */
const secretLength = 43;
const checksumLength = 6;

const keyPattern = new RegExp(
  `^onsale_([0-9A-Za-z]{${idLength}})_[0-9A-Za-z]{${secretLength}}_([0-9A-Za-z]{${checksumLength}})$`,
);

/** The parts of a key that may be stored. `hash` is the SHA-256 of the whole key. */
export type ApiKeyRef = Readonly<{ id: string; hash: Buffer }>;

/** Creates a key. `key` is shown to its owner once and never stored. */
export function generateApiKey(): ApiKeyRef & Readonly<{ key: string }> {
  const id = base62(randomBytes(secretBytes), secretLength).slice(-idLength);
  const unsigned = `onsale_${id}_${base62(randomBytes(secretBytes), secretLength)}`;
  const key = `${unsigned}_${checksumOf(unsigned)}`;
  return { id, key, hash: hashOf(key) };
}

/** Reads a key; returns null for a text that cannot be a key: malformed, or with a wrong checksum. */
export function parseApiKey(text: string): ApiKeyRef | null {
  const [, id, checksum] = keyPattern.exec(text) ?? [];
  if (id === undefined || checksum !== checksumOf(text.slice(0, -checksumLength - 1))) return null;
  return { id, hash: hashOf(text) };
}

function hashOf(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

function checksumOf(unsigned: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(unsigned));
  return base62(bytes, checksumLength);
}

function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (; text.length < length; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text;
  return text;
}
