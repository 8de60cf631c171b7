// A headless browser for tests of the console: it types, clicks, and reads what the page shows.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { atEnd } from "../cleanup.ts";
import { untilTrue } from "../until.ts";
import { adminPassword, logIn } from "./admin.ts";
import { browserProgram } from "./browser.ts";

/** Why tests with a browser are skipped; false where they can run. */
export const withoutBrowser: string | false =
  browserProgram === undefined ? "Chromium is not installed; install it to run this test" : false;

/**
 * Without its last flag, Chromium starts a spare process for each page, for another site that the page may lead to:
 * twice as many processes, none of which is used.
 */
const flags = ["--no-sandbox", "--disable-gpu", "--disable-features=SpareRendererForSitePerProcess"];

/** Starts the browser; cleanup.ts says when it is closed. */
export async function startBrowser(): Promise<Browser> {
  if (browserProgram === undefined)
    throw new Error("Chromium is not installed; a test that needs it must be skipped by `withoutBrowser`");
  const browser = await puppeteer.launch({ executablePath: browserProgram, args: flags });
  atEnd(() => browser.close());
  return browser;
}

/** A page, and its faults so far: errors of scripts, and what the content security policy refused. */
export type PageWithFaults = Readonly<{ page: Page; faults: string[] }>;

/** Opens a page without a session; it is closed as cleanup.ts says, because an open console draws each message. */
export async function openPage(browser: Browser): Promise<PageWithFaults> {
  const context = await browser.createBrowserContext();
  atEnd(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return { page, faults };
}

/** Logs in with the form, and waits for the console. */
export async function logInWithForm(page: Page, baseUrl: string): Promise<void> {
  await page.goto(`${baseUrl}/`);
  await page.type("#password", adminPassword);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.waitForSelector(".tiles .tile");
}

/** Gives the page the cookie of a new session: most tests are not about the login form, which is two pages more. */
export async function enterSession(page: Page, baseUrl: string): Promise<void> {
  const { cookie } = await logIn(baseUrl);
  const end = cookie.indexOf("=");
  const { hostname: domain } = new URL(baseUrl);
  await page.browserContext().setCookie({ name: cookie.slice(0, end), value: cookie.slice(end + 1), domain });
}

/** Opens a view of the console in a page of its own, without the login form. */
export async function openConsole(browser: Browser, baseUrl: string, view = "#/"): Promise<PageWithFaults> {
  const opened = await openPage(browser);
  await enterSession(opened.page, baseUrl);
  await opened.page.goto(`${baseUrl}/${view}`);
  return opened;
}

/** The text of the page, with white space collapsed. */
export async function readText(page: Page, selector = "body"): Promise<string> {
  const texts = await page.$$eval(selector, (elements) => elements.map((element) => element.textContent ?? ""));
  return texts.join(" ").replaceAll(/\s+/g, " ");
}

/** Waits until the text of the selected elements matches. */
export async function untilText(page: Page, selector: string, pattern: RegExp, timeoutMs?: number): Promise<void> {
  let text = "";
  const matches = async () => {
    text = await readText(page, selector);
    return pattern.test(text);
  };
  await untilTrue(`${selector} matches ${pattern}`, matches, timeoutMs).catch((cause: unknown) => {
    throw new Error(`${selector} does not match ${pattern}, but is: ${text}`, { cause });
  });
}

/** Presses the first button whose name matches and that can be pressed, once it is there. */
export async function clickButton(page: Page, name: RegExp): Promise<void> {
  await untilTrue(`there is a button ${name}`, async () => {
    const isPressed = await page.evaluate(`{
      const nameOf = (button) => button.getAttribute("aria-label") ?? button.textContent;
      const all = [...document.querySelectorAll("button")];
      const found = all.find((button) => !button.disabled && ${name}.test(nameOf(button)));
      found?.click();
      found !== undefined;
    }`);
    return isPressed === true;
  });
}
