// `npm run shop` on an installation of its own, and what buyers do on its page.
import { join } from "node:path";
import type { Db } from "@onsale/database/client";
import type { Browser, Page } from "puppeteer-core";
import { connect } from "../database/database.ts";
import { startProxy } from "../http/proxy.ts";
import type { Backend } from "../services/backends.ts";
import type { Installation } from "../services/installation.ts";
import { type Program, startProgram } from "../services/program.ts";
import { type Environment, type Service, startGateway } from "../services/services.ts";
import { until, untilTrue } from "../until.ts";
import { startInstallationWithWebhooks } from "../webhooks/webhooks.ts";
import { openPage, type PageWithFaults } from "./chromium.ts";

export const shopProgram = join("packages", "client", "examples", "shop", "main.ts");

/** The event that `npm run shop` creates, and the code that opens its type FANCLUB. */
export const shopEvent = "EVNT-AURORA";
export const fanCode = "AURORA-FANS";

/** Reading and counting customers by code needs a key. */
const customerKey = Buffer.alloc(32, 7).toString("base64");

export type ShopUnderTest = Readonly<{
  installation: Installation;
  db: Db;
  url: string;
  program: Program;
  /** The gateway that the shop asks; tests ask another one. */
  gateway: () => Service;
  killGateway: () => Promise<void>;
  /** Puts another gateway in place of the one that was killed. */
  replaceGateway: () => void;
}>;

/**
 * Starts an installation and a shop before it.
 *
 * @param prepare makes further settings for the shop, such as an API key, once there is an installation
 */
export async function startShop(
  backend: Backend,
  settings: Environment = {},
  prepare: (installation: Installation) => Promise<Environment> = async () => ({}),
): Promise<ShopUnderTest> {
  const installation = await startInstallationWithWebhooks(backend, { CUSTOMER_KEY: customerKey, ...settings });
  // Both are started here, because what a test starts ends with it.
  const [first, second] = await Promise.all([1, 2].map(() => startGateway(installation.environment)));
  if (first === undefined || second === undefined) throw new Error("there are two gateways");
  let gateway = first;
  const proxy = await startProxy(gateway.url);
  const environment = {
    ONSALE_URL: proxy.url,
    PORT: "0",
    PROVIDER_PORT: "0",
    SHOP_SECRET: "a secret of the tests",
    ...(await prepare(installation)),
  };
  const program = startProgram(shopProgram, [], environment);
  const [, url = ""] = await until("the shop is open", () =>
    /^The shop sells \S+ at (http\S+);/m.exec(program.output().stdout),
  );
  return {
    installation,
    db: connect(installation.databaseUrl),
    url,
    program,
    gateway: () => gateway,
    killGateway: () => gateway.kill(),
    replaceGateway: () => {
      gateway = second;
      proxy.turnTo(gateway.url);
    },
  };
}

/** Opens the shop in a browser of its own, and waits for its tickets. */
export async function openShop(browser: Browser, url: string): Promise<PageWithFaults> {
  const opened = await openPage(browser);
  opened.page.setDefaultTimeout(10_000);
  await opened.page.setViewport({ width: 1280, height: 900 });
  // A click scrolls to its element first, and does not wait for the end of a smooth scroll: it missed on a busy
  // machine.
  await opened.page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await opened.page.goto(url);
  await opened.page.waitForSelector(".ticket [data-level]:not(:empty)");
  return opened;
}

/** Puts tickets into the basket. */
export async function choose(page: Page, ticketType: string, count: number): Promise<void> {
  for (let clicks = 0; clicks < count; clicks++) await page.click(`[data-type="${ticketType}"] [data-part="more"]`);
}

let customerCount = 0;

/** A buyer whom nobody else is. */
export const newCustomer = () => `buyer-${customerCount++}@example.com`;

/** Reserves what is in the basket, or joins the waiting list for it. */
export async function reserve(page: Page, customer = newCustomer()): Promise<void> {
  await page.$eval("#customer", (input) => {
    if ("value" in input) input.value = "";
  });
  await page.type("#customer", customer);
  await page.click("#buy");
}

/** Waits until the page shows an order in a state, and returns the order's id at Onsale. */
export async function untilOrder(page: Page, state: string): Promise<string> {
  const shown = `#order-view:not([hidden])[data-state="${state}"]`;
  await untilTrue(`the order is ${state}`, async () => (await page.$(shown)) !== null);
  return /#\/orders\/([^.]+)/.exec(page.url())?.[1] ?? "";
}

/** Chooses one ticket and reserves it. */
export async function hold(page: Page, ticketType = "FLOOR", count = 1): Promise<string> {
  await choose(page, ticketType, count);
  await reserve(page);
  return untilOrder(page, "held");
}
