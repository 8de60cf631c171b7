import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createProgress } from "./progress.ts";

test("without a terminal, progress is plain lines with the completed share", () => {
  let written = "";
  const progress = createProgress(4, { write: (text) => (written += text) });

  progress.begin("one", 1);
  progress.done();
  progress.begin("two", 3);
  progress.tell("half of it");
  progress.close();

  assert.equal(written, "  0 % one\n 25 % two\n     half of it\n");
});

test("on a terminal, progress is one line that is redrawn, and removed at the end", () => {
  let written = "";
  const progress = createProgress(4, { isTTY: true, columns: 60, write: (text) => (written += text) });

  progress.begin("a scenario with a name that is longer than the line", 1);
  progress.close();

  assert(!written.includes("\n"));
  assert(written.endsWith("\r\u001b[2K"));
});
