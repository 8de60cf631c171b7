// Secrets that nobody gave, made at the first start and kept in the DATA_DIR, which is the caller's alone. Only its owner
// can read them.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const keyBytes = 32;
const passwordBytes = 15;

/**
 * The key that the webhooks' secrets are encrypted with.
 *
 * @returns base64, as WEBHOOK_SECRET_KEY takes it
 */
export function keepWebhookKey(dataDir: string): string {
  return keepSecret(join(dataDir, "webhook-key"), () => randomBytes(keyBytes).toString("base64"));
}

/** The password of the admin service: 20 characters that can be selected with a double click. */
export function keepAdminPassword(dataDir: string): string {
  return keepSecret(join(dataDir, "admin-password"), () => {
    return randomBytes(passwordBytes).toString("base64").replaceAll("+", "p").replaceAll("/", "s");
  });
}

function keepSecret(file: string, make: () => string): string {
  if (!existsSync(file)) {
    const aside = `${file}.new`;
    writeFileSync(aside, `${make()}\n`, { mode: 0o600 });
    // A file with this name is whole, also when a start is killed at any moment.
    renameSync(aside, file);
  }
  return readFileSync(file, "utf8").trim();
}
