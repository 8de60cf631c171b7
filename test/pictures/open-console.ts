// Opens the console of a running installation, for pictures of it.
//
// CONSOLE_URL names another console than that of `npm start`, and ADMIN_PASSWORD another password than that in
// DATA_DIR.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import puppeteer, { type Page, type Viewport } from "puppeteer-core";
import { browserProgram } from "../support/browser/browser.ts";

export const projectFolder = join(import.meta.dirname, "..", "..");
export const imageFolder = join(projectFolder, "docs", "images");

/** Logs in, waits until the overview has lines and events, takes the pictures, and closes the browser. */
export async function withConsole(viewport: Viewport, take: (page: Page) => Promise<void>): Promise<void> {
  const { CONSOLE_URL: url = "http://127.0.0.1:8081", DATA_DIR: dataDir = ".data" } = process.env;
  const password = process.env.ADMIN_PASSWORD ?? readFileSync(join(dataDir, "admin-password"), "utf8").trim();
  if (browserProgram === undefined) throw new Error("Chromium is not installed; install it to take the picture");
  const browser = await puppeteer.launch({ executablePath: browserProgram, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.goto(`${url}/`);
    await page.type("#password", password);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    // The charts have lines once several points have arrived.
    await page.waitForFunction('Number(document.querySelector(".chart [role=slider]")?.ariaValueNow ?? 0) > 5');
    await page.waitForSelector(".event-row");
    await take(page);
  } finally {
    await browser.close();
  }
}
