import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createProgress } from "./progress.ts";

function write(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  return { written, progress: createProgress({ isTTY, write }) };
}

describe("the progress of a command", () => {
  it("is one line on a terminal", () => {
    const { written, progress } = write(true);
    progress.show(0, "0 of 4");
    progress.show(0.5, "2 of 4");
    progress.show(1, "4 of 4");
    progress.end();
    assert.deepEqual(written, [
      `\r\u001b[2K${"░".repeat(24)}   0 % 0 of 4`,
      `\r\u001b[2K${"█".repeat(12)}${"░".repeat(12)}  50 % 2 of 4`,
      `\r\u001b[2K${"█".repeat(24)} 100 % 4 of 4`,
      "\n",
    ]);
  });

  it("is a line for each tenth elsewhere", () => {
    const { written, progress } = write(false);
    for (let done = 0; done <= 40; done++) progress.show(done / 40, `${done} of 40`);
    progress.end();
    assert.equal(written.length, 11);
  });

  it("leaves no empty line when there was none to show", () => {
    const { written, progress } = write(true);
    progress.end();
    assert.deepEqual(written, []);
  });
});
