import { strict as assert } from "node:assert";
import type { Browser } from "puppeteer-core";
import { startAdminService } from "./admin.ts";
import { backends } from "./backends.ts";
import { startBrowser } from "./chromium.ts";
import type { Installation } from "./installation.ts";
import type { Service } from "./services.ts";
import { startInstallationWithWebhooks } from "./webhooks.ts";

const [backend] = backends;

/** An installation with its admin service, and a browser to look at it; all of them end when the test file ends. */
export async function startConsole(): Promise<
  Readonly<{ installation: Installation; service: Service; browser: Browser }>
> {
  assert(backend !== undefined);
  const [installation, browser] = await Promise.all([startInstallationWithWebhooks(backend), startBrowser()]);
  return { installation, browser, service: await startAdminService(installation.environment) };
}
