// The secrets that the services need. Those that no setting gives are made at the first start and kept in DATA_DIR, in
// files that only their owner can read.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StandaloneConfig } from "./config.ts";

export type Secrets = Readonly<{
  /** In base64, as WEBHOOK_SECRET_KEY takes it. */
  webhookKey: string;
  /** In base64, as CUSTOMER_KEY takes it. */
  customerKey: string;
  adminPassword: string;
}>;

const keyBytes = 32;
const passwordBytes = 15;

export function findSecrets(config: StandaloneConfig, dataDir: string): Secrets {
  return {
    webhookKey: config.webhookKey?.toString("base64") ?? keepWebhookKey(dataDir),
    customerKey: config.customerKey?.toString("base64") ?? keepCustomerKey(dataDir),
    adminPassword: config.adminPassword ?? keepAdminPassword(dataDir),
  };
}

/**
 * The key that encrypts the secrets of webhook endpoints.
 *
 * @returns base64
 */
export function keepWebhookKey(dataDir: string): string {
  return keepSecret(join(dataDir, "webhook-key"), () => randomBytes(keyBytes).toString("base64"));
}

/**
 * The key under which customers and access codes are hashed.
 *
 * @returns base64
 */
export function keepCustomerKey(dataDir: string): string {
  return keepSecret(join(dataDir, "customer-key"), () => randomBytes(keyBytes).toString("base64"));
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
    // Renamed when it is complete, because a start can be killed at any moment.
    renameSync(aside, file);
  }
  return readFileSync(file, "utf8").trim();
}
