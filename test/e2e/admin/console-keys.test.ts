import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import axe from "axe-core";
import type { Browser } from "puppeteer-core";
import { assertAccessible } from "../../support/browser/accessible.ts";
import { startAdminService } from "../../support/browser/admin.ts";
import {
  clickButton,
  openConsole,
  readText,
  startBrowser,
  untilText,
  withoutBrowser,
} from "../../support/browser/chromium.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import type { Service } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describe("API keys in the live console", { skip: withoutBrowser }, () => {
  let installation: Installation;
  let service: Service;
  let readOnlyService: Service;
  let browser: Browser;

  before(async () => {
    const settings = { AUTH: "keys" };
    [installation, browser] = await Promise.all([
      // A gateway remembers a key for some time; the second one has not seen it before it is revoked.
      startInstallation(postgresQueues, { gateways: 2, workers: 0, settings }),
      startBrowser(),
    ]);
    const { environment } = installation;
    [service, readOnlyService] = await Promise.all([
      startAdminService(environment),
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
    ]);
  });

  const listOrders = async (gateway: Service | undefined, key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${gateway?.url}/api/v1/orders`, { headers })).status;
  };

  it("are created, shown once, copied, used and revoked", async () => {
    const [first, second] = installation.gateways;
    const { page, faults } = await openConsole(browser, service.url, "#/keys");
    await untilText(page, ".keys", /There are no keys yet\./);
    await clickButton(page, /^Create a key$/);
    await page.waitForSelector("input[name=name]");
    await page.evaluate(axe.source);
    await assertAccessible(page);
    const chosen = await page.$$eval("input[name=scopes]:checked", (boxes) =>
      boxes.map((box) => box.getAttribute("value")),
    );
    assert(chosen.length === 5 && !chosen.includes("admin"));

    await page.type("input[name=name]", "shop");
    await page.evaluate(`for (const box of document.querySelectorAll("[name=scopes]:checked")) box.click()`);
    await clickButton(page, /^Create the key$/);
    await untilText(page, ".keys .note", /scopes must/);
    await page.click("input[value='orders:read']");
    await clickButton(page, /^Create the key$/);
    await page.waitForSelector(".new-key textarea");
    await assertAccessible(page);
    const key = String(await page.$eval(".new-key textarea", (area) => ("value" in area ? area.value : "")));
    await page.browserContext().overridePermissions(service.url, ["clipboard-read", "clipboard-sanitized-write"]);
    await clickButton(page, /^Copy the new key$/);
    await untilText(page, ".new-key .copy", /Copied/);
    assert.equal(await page.evaluate("navigator.clipboard.readText()"), key);
    assert.equal(await listOrders(first, key), 200);

    await clickButton(page, /^I have copied it$/);
    await page.reload();
    await untilText(page, ".keys tbody", /^shop\w{12} ?valid ?orders:read ?default/);
    assert.doesNotMatch(await page.content(), new RegExp(key.slice(20)));

    await clickButton(page, /^Revoke the key shop/);
    await clickButton(page, /^Leave it$/);
    assert.equal(await page.$(".question"), null);
    await clickButton(page, /^Revoke the key shop/);
    await page.waitForSelector(".question");
    await page.evaluate(axe.source);
    await assertAccessible(page);
    await clickButton(page, /^Revoke it for good$/);
    await untilText(page, ".keys .note", /The key “shop” is revoked: gateways refuse it within 30 seconds\./);
    await untilText(page, ".keys tbody", /revoked ?since/);
    assert.equal(await listOrders(second, key), 401);
    await untilText(page, ".activity", /console admin ?key \w{12} revoked: shop.*created: shop, with orders:read/);
    assert.deepEqual(
      faults.filter((fault) => !/status of 400/.test(fault)),
      [],
    );
  });

  it("can be created with the keyboard alone", async () => {
    const { page, faults } = await openConsole(browser, service.url, "#/keys");
    await page.waitForSelector(".keys .primary");
    const focused = () => page.evaluate("document.activeElement.name ?? document.activeElement.textContent");
    const tabTo = (name: string) =>
      untilTrue(`the focus is on ${name}`, async () => {
        await page.keyboard.press("Tab");
        return (await focused()) === name || String(await page.evaluate("document.activeElement.textContent")) === name;
      });
    await tabTo("Create a key");
    await page.keyboard.press("Enter");
    await page.waitForSelector("input[name=name]");
    await tabTo("name");
    await page.keyboard.type("door");
    await page.keyboard.press("Enter");
    await untilText(page, ".keys", /The key “door” is created\. Copy it now/);
    assert.deepEqual(faults, []);
  });

  it("have no buttons in read-only mode", async () => {
    const { page } = await openConsole(browser, readOnlyService.url, "#/keys");
    await untilText(page, ".keys h1", /API keys/);
    await untilText(page, ".activity h2", /Activity/);
    await untilTrue("the keys are read", async () => /no keys yet|default/.test(await readText(page, ".keys")));
    assert.equal(await readText(page, "main button"), "");
  });
});
