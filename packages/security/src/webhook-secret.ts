// Webhook secrets: made, and sealed (encrypted) for the database.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const formatVersion = 1;
const ivBytes = 12;
const tagBytes = 16;
const secretBytes = 32;
const secretPrefix = "whsec_";

/** The length of the key that seals (encrypts) secrets. */
export const sealingKeyBytes = 32;

/** Creates a signing secret: `whsec_` and 32 random bytes as base64 (Standard Webhooks). */
export function newWebhookSecret(): string {
  return `${secretPrefix}${randomBytes(secretBytes).toString("base64")}`;
}

/**
 * Encrypts a secret for the database (AES-256-GCM).
 *
 * @param key 32 bytes
 * @param endpointId the sealed secret is bound to it and cannot be opened as another endpoint's
 * @returns version, initialisation vector, tag and ciphertext
 */
export function sealSecret(key: Buffer, endpointId: string, secret: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(endpointId));
  const ciphertext = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(formatVersion), iv, cipher.getAuthTag(), ciphertext]);
}

/**
 * Decrypts a sealed secret.
 *
 * @throws Error when it was sealed with another key or for another endpoint, or was changed
 */
export function openSecret(key: Buffer, endpointId: string, sealed: Buffer): string {
  const ciphertextStart = 1 + ivBytes + tagBytes;
  if (sealed[0] !== formatVersion || sealed.length <= ciphertextStart) throw new Error("this is no sealed secret");
  const iv = sealed.subarray(1, 1 + ivBytes);
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(endpointId)).setAuthTag(sealed.subarray(1 + ivBytes, ciphertextStart));
  return decipher.update(sealed.subarray(ciphertextStart), undefined, "utf8") + decipher.final("utf8");
}
