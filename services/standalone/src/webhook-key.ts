import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const keyBytes = 32;

/**
 * The key that the webhooks' secrets are encrypted with, kept in the DATA_DIR, which is the caller's alone; made when
 * there is none. Only its owner can read it.
 *
 * @returns base64, as WEBHOOK_SECRET_KEY takes it
 */
export function keepWebhookKey(dataDir: string): string {
  const file = join(dataDir, "webhook-key");
  if (!existsSync(file)) {
    const aside = `${file}.new`;
    writeFileSync(aside, `${randomBytes(keyBytes).toString("base64")}\n`, { mode: 0o600 });
    // A file with this name is whole, also when a start is killed at any moment.
    renameSync(aside, file);
  }
  return readFileSync(file, "utf8").trim();
}
