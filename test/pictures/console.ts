// Takes docs/images/console.png anew. While `npm start` runs and `npm run demo` plays a sale:
//
//   node --conditions=@onsale/source test/pictures/console.ts
//
// CONSOLE_URL names another console than that of `npm start`, and ADMIN_PASSWORD another password than that in DATA_DIR.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { browserProgram } from "../support/browser/browser.ts";

const file = join(import.meta.dirname, "..", "..", "docs", "images", "console.png");
const bytesMax = 300_000;
const { CONSOLE_URL: url = "http://127.0.0.1:8081", DATA_DIR: dataDir = ".data" } = process.env;
const password = process.env.ADMIN_PASSWORD ?? readFileSync(join(dataDir, "admin-password"), "utf8").trim();
if (browserProgram === undefined) throw new Error("Chromium is not installed; install it to take the picture");

const browser = await puppeteer.launch({ executablePath: browserProgram, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 860 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await page.goto(`${url}/`);
  await page.type("#password", password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  // The charts have lines once several points have arrived.
  await page.waitForFunction('Number(document.querySelector(".chart [role=slider]")?.ariaValueNow ?? 0) > 5');
  await page.waitForSelector(".event-row");
  await page.screenshot({ path: file });
} finally {
  await browser.close();
}
const { size } = statSync(file);
if (size > bytesMax) throw new Error(`${file} has ${size} bytes, more than ${bytesMax}`);
