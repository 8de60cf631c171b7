// API keys: `onsale_<id>_<secret>_<checksum>`. The id names the key in lists and logs; the secret is 32 random bytes; the
// checksum (CRC-32 of what stands before it) tells a key that was cut or mistyped from one that does not exist, without
// asking anybody, and lets scanners find keys that leaked. All parts are base62, so that a double click takes all of it.
import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const idLength = 12;
const secretBytes = 32;
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** So many digits hold any 32 bytes, and any CRC-32. */
const secretLength = 43;
const checksumLength = 6;

const keyPattern = new RegExp(
  `^onsale_([0-9A-Za-z]{${idLength}})_[0-9A-Za-z]{${secretLength}}_([0-9A-Za-z]{${checksumLength}})$`,
);

/** What may be stored and shown of a key. `hash` is the SHA-256 of the whole key. */
export type ApiKeyRef = Readonly<{ id: string; hash: Buffer }>;

/** A new key; `key` is for its owner's eyes only, once. */
export function generateApiKey(): ApiKeyRef & Readonly<{ key: string }> {
  const id = base62(randomBytes(secretBytes), secretLength).slice(-idLength);
  const unsigned = `onsale_${id}_${base62(randomBytes(secretBytes), secretLength)}`;
  const key = `${unsigned}_${checksumOf(unsigned)}`;
  return { id, key, hash: hashOf(key) };
}

/** Takes a key apart, or returns null for a text that cannot be one: wrong in form, or mistyped. */
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
