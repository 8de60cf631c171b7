import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createLogger } from "./logger.ts";

const file = JSON.stringify(join(import.meta.dirname, "logger.ts"));

/** What a process logs whose stdout is, or claims to be, a terminal. */
function logOf({ format, isTerminal, ...environment }: { format: string; isTerminal: boolean; NO_COLOR?: string }) {
  const script = `
    import { WriteStream } from "node:tty";
    if (${isTerminal}) {
      const { hasColors, getColorDepth } = WriteStream.prototype;
      Object.assign(process.stdout, { isTTY: true, hasColors, getColorDepth });
    }
    const { createLogger } = await import(${file});
    const describeFault = (error) => (error.message === "known" ? "Redis is away" : undefined);
    const logger = createLogger("test", "info", { format: "${format}", describeFault });
    logger.warn({ err: new Error("known") }, "it failed");
    logger.child({ reqId: "r1" }).error({ err: new Error("a bug") }, "it failed");`;
  const env = { TERM: "xterm-256color", ...environment };
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { env, encoding: "utf8" });
  return stdout;
}

describe("the log", () => {
  it("is JSON by default, with a sentence for a known fault and the stack of any other error", () => {
    for (const [format, isTerminal] of [
      ["auto", false],
      ["json", true],
    ] as const) {
      const [known, bug] = logOf({ format, isTerminal })
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.equal(known.fault, "Redis is away");
      assert.equal(known.err, undefined);
      assert.deepEqual([bug.fault, bug.reqId, bug.err.message], [undefined, "r1", "a bug"]);
      assert.match(bug.err.stack, /^Error: a bug\n +at /);
    }
  });

  it("is readable in a terminal, or when it is asked for, with the stacks of bugs only", () => {
    for (const [format, isTerminal] of [
      ["auto", true],
      ["pretty", false],
    ] as const) {
      const [known = "", bug = "", ...stack] = logOf({ format, isTerminal, NO_COLOR: "1" }).trim().split("\n");
      assert.match(known, /^[\d:.]{12} WARN {2}test: it failed: Redis is away$/);
      assert.match(bug, /^[\d:.]{12} ERROR test: it failed: a bug reqId=r1$/);
      assert(stack.length > 0 && stack.every((line) => /^ +at /.test(line)));
    }
  });

  it("has colours in a terminal only, unless NO_COLOR is set", () => {
    const isColoured = (log: string) => log.includes("\u001b[");
    assert.equal(isColoured(logOf({ format: "auto", isTerminal: true })), true);
    assert.equal(isColoured(logOf({ format: "auto", isTerminal: true, NO_COLOR: "1" })), false);
    assert.equal(isColoured(logOf({ format: "pretty", isTerminal: false })), false);
  });

  it("writes nothing below its level", () => {
    assert.equal(createLogger("test", "warn").isLevelEnabled("info"), false);
  });
});
