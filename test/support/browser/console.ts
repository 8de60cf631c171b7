import type { Browser } from "puppeteer-core";
import { postgresQueues } from "../services/backends.ts";
import type { Installation } from "../services/installation.ts";
import type { Service } from "../services/services.ts";
import { startInstallationWithWebhooks } from "../webhooks/webhooks.ts";
import { startAdminService } from "./admin.ts";
import { startBrowser } from "./chromium.ts";

/** Starts an installation, its admin service, and a browser; cleanup.ts says when they are stopped. */
export async function startConsole(): Promise<
  Readonly<{ installation: Installation; service: Service; browser: Browser }>
> {
  const [installation, browser] = await Promise.all([startInstallationWithWebhooks(postgresQueues), startBrowser()]);
  return { installation, browser, service: await startAdminService(installation.environment) };
}
