import { strict as assert } from "node:assert";
import type { Page } from "puppeteer-core";

/** Violations of WCAG 2.2 AA, as far as axe can find them; `axe` must have been loaded into the page. */
async function findViolations(page: Page): Promise<string[]> {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await page.evaluate(`axe
    .run(document, { runOnly: ${JSON.stringify(rules)} })
    .then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ": " + nodes.map(({ html, failureSummary }) => html + " " + failureSummary).join("; ")))`);
  return Array.isArray(found) ? found.map(String) : [String(found)];
}

/** By how many pixels the page is wider than the window. */
async function overflow(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
}

/** Fails unless what the page shows is accessible in both themes, and fits narrow and wide screens. */
export async function assertAccessible(page: Page): Promise<void> {
  for (const theme of ["dark", "light"] as const) {
    for (const width of [375, 1280]) await assertAccessibleAs(page, theme, width);
  }
}

/** Fails unless what the page shows is accessible in a theme, and fits a screen. */
export async function assertAccessibleAs(page: Page, theme: "dark" | "light", width: number): Promise<void> {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.setViewport({ width, height: 900 });
  const state = `${page.url()} in the ${theme} theme on a screen of ${width} pixels`;
  assert.deepEqual(await findViolations(page), [], state);
  assert((await overflow(page)) <= 0, `${state} fits its width`);
}
