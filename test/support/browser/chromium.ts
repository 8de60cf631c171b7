// A browser without a window that does what a person does: types, clicks, presses keys, looks.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";
import { adminPassword } from "./admin.ts";
import { browserProgram } from "./browser.ts";

/** Why tests with a browser cannot run here; false when they can. */
export const withoutBrowser: string | false =
  browserProgram === undefined ? "there is no Chromium here; install it to run this test" : false;

/** Starts the browser; it is ended as cleanup.ts says. */
export async function startBrowser(): Promise<Browser> {
  if (browserProgram === undefined) throw new Error("no Chromium; a test that needs one asks `withoutBrowser` first");
  const browser = await puppeteer.launch({ executablePath: browserProgram, args: ["--no-sandbox", "--disable-gpu"] });
  atEnd(() => browser.close());
  return browser;
}

/** A page, and what went wrong in it so far: errors of scripts, and what the content security policy kept out. */
export type WatchedPage = Readonly<{ page: Page; faults: string[] }>;

export async function openPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return { page, faults };
}

/** Logs in through the form and arrives at the console. */
export async function logInWithForm(page: Page, baseUrl: string): Promise<void> {
  await page.goto(`${baseUrl}/`);
  await page.type("#password", adminPassword);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.waitForSelector(".tiles .tile");
}

/** The text of the page as a person reads it, without line breaks. */
export async function readText(page: Page, selector = "body"): Promise<string> {
  const texts = await page.$$eval(selector, (elements) => elements.map((element) => element.textContent ?? ""));
  return texts.join(" ").replaceAll(/\s+/g, " ");
}

/** Clicks on the first of these elements that says just this; returns whether there is one. */
export async function tryClick(page: Page, selector: string, text: string): Promise<boolean> {
  for (const element of await page.$$(selector)) {
    if ((await element.evaluate(({ textContent }) => textContent)) !== text) continue;
    await element.click();
    return true;
  }
  return false;
}

/** Waits until what the page says matches. */
export async function untilText(page: Page, selector: string, pattern: RegExp, timeoutMs?: number): Promise<void> {
  let text = "";
  const says = async () => {
    text = await readText(page, selector);
    return pattern.test(text);
  };
  await untilTrue(`${selector} says ${pattern}`, says, timeoutMs).catch((cause: unknown) => {
    throw new Error(`${selector} does not say ${pattern}, but: ${text}`, { cause });
  });
}
