// What `npm start` prints once everything is ready: where things are, and how to stop.
import { join } from "node:path";
import type { StandaloneConfig } from "./config.ts";
import type { Secrets } from "./kept-secrets.ts";
import type { ServiceUrls } from "./start-services.ts";

export type Announced = Readonly<{ config: StandaloneConfig; dataDir: string; secrets: Secrets; urls: ServiceUrls }>;

export function announce({ config, dataDir, secrets, urls }: Announced): void {
  const password = config.adminPassword === undefined ? secrets.adminPassword : "as ADMIN_PASSWORD says";
  const webhookTargets =
    config.webhookAllowPrivate === "1"
      ? "to https and http, this machine and private networks too (WEBHOOK_ALLOW_PRIVATE=0 forbids it)"
      : "to public https addresses only (WEBHOOK_ALLOW_PRIVATE=1 allows private networks, too)";
  const callers =
    config.auth === "keys"
      ? "with an API key; make one with: npx onsale keys create --name NAME"
      : "any program on this machine, without a key (AUTH=keys requires API keys)";
  console.log(`
  Live console   ${urls.admin}  (user admin, password ${password})
  Queues         ${urls.admin}/queues/
  API docs       ${urls.gateway}/docs
  Metrics        ${urls.metrics.map((url) => `${url}/metrics`).join("\n                 ")}
  Callers        ${callers}
  Webhooks       ${webhookTargets}
  Database       psql "$(cat ${join(dataDir, "run", "database-url")})"
  Data           ${dataDir}
  Stop           Ctrl-C
`);
  console.log(`Onsale is ready at ${urls.gateway}`);
}
