// Takes docs/images/sale.gif anew: the console during a sale, eight times as fast. It plays the sale itself, while
// `npm start` runs, and needs ImageMagick (Debian: apt-get install imagemagick).
//
//   node --conditions=@onsale/source test/pictures/sale.ts
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { imageFolder, projectFolder, withConsole } from "./open-console.ts";

const file = join(imageFolder, "sale.gif");
const bytesMax = 1_800_000;
const frameCount = 44;
const frameMs = 1_000;
/** In hundredths of a second. */
const shownFor = 12;
const demo = ["test/demo/main.ts", "--buyers", "12000", "--seconds", "40"];

const folder = mkdtempSync(join(tmpdir(), "onsale-frames-"));
try {
  await withConsole({ width: 1280, height: 800, deviceScaleFactor: 0.75 }, async (page) => {
    const sale = spawn(process.execPath, ["--conditions=@onsale/source", ...demo], {
      cwd: projectFolder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = once(sale, "exit");
    for (let frame = 0; frame < frameCount; frame++) {
      const begunMs = performance.now();
      await page.screenshot({ path: join(folder, `${String(frame).padStart(3, "0")}.png`) });
      await delay(begunMs + frameMs - performance.now());
    }
    await ended;
  });
  const palette = [
    "-fuzz",
    "3%",
    "-colors",
    "32",
    "+dither",
    "-layers",
    "OptimizePlus",
    "-layers",
    "OptimizeTransparency",
  ];
  execFileSync("convert", ["-delay", String(shownFor), "-loop", "0", join(folder, "*.png"), ...palette, file]);
} finally {
  rmSync(folder, { recursive: true });
}
const { size } = statSync(file);
console.log(`${file}: ${size} bytes`);
if (size > bytesMax) throw new Error(`${file} has more than ${bytesMax} bytes`);
