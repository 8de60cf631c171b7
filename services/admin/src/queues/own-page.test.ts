import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { it } from "node:test";
import { toOwnPage } from "./own-page.ts";

const { resolve } = createRequire(import.meta.url);

it("Bull Board's page gets the console's colours and a link back, and loads nothing from another host", () => {
  const template = readFileSync(join(resolve("@bull-board/ui/package.json"), "..", "dist", "index.ejs"), "utf8");
  const page = toOwnPage(template);
  assert.match(page, /<link rel="stylesheet" href="\/assets\/board\.css"><\/head>/);
  assert.match(page, /<a class="to-console" href="\/#\/queues">← Live console<\/a><\/body>/);
  assert.doesNotMatch(page, /https?:\/\//);
});
