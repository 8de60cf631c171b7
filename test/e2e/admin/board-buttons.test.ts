// Bull Board's pages have no button that its API refuses (board-routes.test.ts).
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { startAdminService } from "../../support/browser/admin.ts";
import { enterSession, openPage, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { openQueue, queueSourceOf } from "../../support/services/queue-source.ts";
import type { Service } from "../../support/services/services.ts";
import { until } from "../../support/until.ts";

const clickable = 'button, [role="button"], [role="menuitem"], [role="switch"], [role="tab"], input, select, textarea';

/** What can be clicked or typed into, by what a person reads. */
async function controlsOf(page: Page): Promise<string[]> {
  return page.$$eval(clickable, (elements) =>
    elements.map(
      (element) =>
        [element.getAttribute("aria-label"), element.getAttribute("title"), element.textContent, element.tagName].find(
          (text) => text !== null && text.trim() !== "",
        ) ?? "",
    ),
  );
}

describe("the pages of Bull Board", { skip: withoutBrowser }, () => {
  let service: Service;
  let page: Page;
  let paths: readonly string[];
  const changes: string[] = [];

  before(async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    const [started, browser] = await Promise.all([startAdminService(environment), startBrowser()]);
    service = started;
    const queue = openQueue(queueSourceOf(environment), "deliver");
    const delayedId = await until("a job is added", async () => (await queue.add("mail", {}, { delay: 3_600_000 })).id);
    await queue.add("deliver", { endpointId: "x" });
    ({ page } = await openPage(browser));
    page.on("request", (request) => {
      if (!["GET", "HEAD"].includes(request.method())) changes.push(`${request.method()} ${request.url()}`);
    });
    await enterSession(page, service.url);
    await queue.setGlobalRateLimit(1, 3_600_000);
    paths = ["", "queue/deliver", "queue/deliver?status=delayed", `queue/deliver/${delayedId}`, "job-schedulers"];
  });

  it("send no change, whatever is clicked", async () => {
    const seen = new Set<string>();
    for (const path of paths) {
      await page.goto(`${service.url}/queues/${path}`, { waitUntil: "networkidle2" });
      const count = (await controlsOf(page)).length;
      for (const one of await controlsOf(page)) seen.add(one);
      for (let index = 0; index < count; index++) {
        const element = (await page.$$(clickable))[index];
        await element?.click().catch(() => undefined);
        await new Promise((r) => setTimeout(r, 300));
        for (const one of await controlsOf(page)) seen.add(one);
        await page.goto(`${service.url}/queues/${path}`, { waitUntil: "networkidle2" });
      }
    }
    console.log([...seen], changes);
  });
});
