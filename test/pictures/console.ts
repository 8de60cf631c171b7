// Takes docs/images/console.png anew. While `npm start` runs and `npm run demo` plays a sale:
//
//   node --conditions=@onsale/source test/pictures/console.ts
import { statSync } from "node:fs";
import { join } from "node:path";
import { imageFolder, withConsole } from "./open-console.ts";

const file = join(imageFolder, "console.png");
const bytesMax = 300_000;

await withConsole({ width: 1280, height: 860 }, async (page) => {
  await page.screenshot({ path: file });
});
const { size } = statSync(file);
if (size > bytesMax) throw new Error(`${file} has ${size} bytes, more than ${bytesMax}`);
