// Bull Board's pages have no button for what its API refuses (board-routes.test.ts). A later version of Bull Board with
// a new button fails here, until somebody has looked at what the button does.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { startAdminService } from "../../support/browser/admin.ts";
import { enterSession, openPage, startBrowser, untilText, withoutBrowser } from "../../support/browser/chromium.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { openQueue, queueSourceOf } from "../../support/services/queue-source.ts";

const buttons = "button, [role=menuitem], [role=switch], [role=tab], [role=option]";

/** What the buttons of all pages and menus say. They change what is shown, and no job. */
const harmless = [
  // Some have only a picture.
  /^$/,
  /^(Collapse|Expand) sidebar$/,
  /^(Live console|General|Queues|Jobs|Sort by|Alphabetical .*|\w+ Jobs|Filter by queue)$/,
  /^(Connected workers|Nothing is consuming this queue)$/,
  // Which queue's schedulers are shown.
  /^(All queues|allocate-\d|deliver)$/,
  // The settings of the page: its language, how often it asks, its time zone.
  /^(\d+ Jobs?|\w\w-\w\w|Off|\d+ (seconds|minutes?)|As in system)$/,
  /^(Overview|Description|Queue info|Close|Data|Progress|Options|Logs|Error|Timeline|collapse JSON|expand JSON)$/,
];

async function readLabels(page: Page): Promise<string[]> {
  return page.$$eval(buttons, (elements) =>
    elements.map((element) => {
      const name = element.getAttribute("aria-label") ?? element.getAttribute("title");
      return (name ?? ("innerText" in element ? String(element.innerText) : "")).trim();
    }),
  );
}

/** Presses every button of a page, and returns what they and the buttons that appeared say. */
async function pressAll(page: Page, url: string): Promise<string[]> {
  const open = async () => {
    await page.goto(url);
    await untilText(page, "#root", /deliver|scheduler/i);
    await page.waitForNetworkIdle({ idleTime: 100 });
  };
  await open();
  const labels = await readLabels(page);
  for (let index = 0, count = labels.length; index < count; index++) {
    await (await page.$$(buttons))[index]?.click().catch(() => undefined);
    await page.waitForNetworkIdle({ idleTime: 50 });
    labels.push(...(await readLabels(page)));
    await page.keyboard.press("Escape");
    if (page.url() !== url) await open();
  }
  return labels;
}

describe("the pages of Bull Board", { skip: withoutBrowser }, () => {
  it("have only buttons that change nothing, and send no change, whatever is pressed", async () => {
    const environment = { DATABASE_URL: await createTestDatabase() };
    const [service, browser] = await Promise.all([startAdminService(environment), startBrowser()]);
    const queue = await openQueue(queueSourceOf(environment), "deliver");
    const { id } = await queue.add("mail", {}, { delay: 3_600_000 });
    await queue.add("deliver", {});
    await queue.upsertJobScheduler("mail", { pattern: "0 0 1 1 *" });
    await queue.setGlobalRateLimit(1, 3_600_000);
    const { page } = await openPage(browser);
    const changes: string[] = [];
    page.on("request", (request) => {
      if (request.method() !== "GET") changes.push(`${request.method()} ${request.url()}`);
    });
    await enterSession(page, service.url);

    const labels = new Set<string>();
    const areMenusOpened = () => labels.has("Queue info") && labels.has("Live console");
    // On a busy machine a menu can open after its buttons were read; then all are pressed once more.
    for (let round = 0; round < 3 && !areMenusOpened(); round++) {
      for (const path of ["", "queue/deliver", `queue/deliver/${id}`, "job-schedulers"]) {
        for (const label of await pressAll(page, `${service.url}/queues/${path}`)) labels.add(label);
      }
    }
    assert.deepEqual(
      [...labels].filter((label) => !harmless.some((known) => known.test(label))),
      [],
    );
    assert(areMenusOpened(), "menus were opened");
    assert.deepEqual(changes, []);
  });
});
