// Writes random secrets for docker-compose.yml to .env: node infra/docker/make-env.mjs
// To an existing .env it adds those that a newer version needs; it never changes a value.
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const file = resolve(process.argv[2] ?? join(import.meta.dirname, "..", "..", ".env"));
const password = () => randomBytes(24).toString("hex");

const secrets = {
  POSTGRES_PASSWORD: password(),
  REDIS_PASSWORD: password(),
  // Of the role that only reads PostgreSQL's statistics (monitor-role.sql).
  MONITOR_PASSWORD: password(),
  // Must not change while there are webhooks: it encrypts their secrets in the database.
  WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
  // Must not change: limits per customer and access codes are kept under a hash with it.
  CUSTOMER_KEY: randomBytes(32).toString("base64"),
  ADMIN_PASSWORD: password(),
  GRAFANA_PASSWORD: password(),
  PGADMIN_PASSWORD: password(),
};

const existing = existsSync(file) ? readFileSync(file, "utf8") : "";
const missing = Object.entries(secrets).filter(([name]) => !new RegExp(`^${name}=.`, "m").test(existing));
if (missing.length === 0) {
  console.log(`${file} has everything already.`);
} else {
  const separator = existing === "" || existing.endsWith("\n") ? "" : "\n";
  const lines = missing.map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(file, `${separator}${lines.join("")}`, { mode: 0o600 });
  chmodSync(file, 0o600);
  console.log(
    `Wrote ${missing.map(([name]) => name).join(", ")} to ${file}. Keep it: the data cannot be read without it.`,
  );
}
