// Takes the pictures of `npm run shop` for the README, from a shop that runs:
//   node --conditions=@onsale/source test/pictures/shop.ts http://127.0.0.1:8090
import { statSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { browserProgram } from "../support/browser/browser.ts";
import { choose, reserve, untilOrder } from "../support/browser/shop.ts";
import { projectFolder } from "../support/services/services.ts";

const bytesMax = 250_000;
const [, , shopUrl = "http://127.0.0.1:8090"] = process.argv;

if (browserProgram === undefined) throw new Error("The pictures need Chromium in /usr/bin.");
const browser = await puppeteer.launch({ executablePath: browserProgram, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await (await browser.createBrowserContext()).newPage();
  const take = async (name: string) => {
    const path = join(projectFolder, "docs", "images", `${name}.png`);
    await page.screenshot({ path, optimizeForSpeed: false });
    const { size } = statSync(path);
    console.log(`${path}: ${size} bytes`);
    if (size > bytesMax) throw new Error(`${name} is larger than ${bytesMax} bytes.`);
  };
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  // In the README it is some 830 pixels wide.
  await page.setViewport({ width: 1280, height: 1100, deviceScaleFactor: 0.75 });
  await page.goto(shopUrl);
  await page.waitForSelector(".ticket [data-level]:not(:empty)");
  await choose(page, "FLOOR", 2);
  await choose(page, "BALCONY", 1);
  await page.type("#customer", "ana@example.com");
  await page.focus("#event-name");
  await page.mouse.move(0, 0);
  await take("shop");

  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2 });
  await reserve(page, `ana+${Date.now()}@example.com`);
  await untilOrder(page, "held");
  await take("shop-phone");
} finally {
  await browser.close();
}
