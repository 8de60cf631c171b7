import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { takeRunFolder } from "./run-folder.ts";

describe("the run folder", () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "onsale-run-"));
    mkdirSync(join(dataDir, "run"));
  });

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const pidFile = (name: string) => join(dataDir, "run", `${name}.pid`);

  it("is taken by this process, and free again when it is released", async () => {
    const folder = await takeRunFolder(dataDir, "/nowhere/services");
    assert.equal(readFileSync(pidFile("standalone"), "utf8"), `${process.pid}\n`);
    folder.release();
    assert.equal(existsSync(pidFile("standalone")), false);
  });

  it("leaves this process alone when a child of an earlier start had its pid", async () => {
    writeFileSync(pidFile("worker-1"), `${process.pid}\n`);
    // Part of this process's own command line, as the services' folder is of a start by an absolute path.
    await takeRunFolder(dataDir, process.argv0);
    assert.equal(existsSync(pidFile("worker-1")), false);
  });

  it("is taken over when its process is gone, or its pid belongs to another program", async () => {
    for (const stale of ["999999999", "1", "", "nonsense"]) {
      writeFileSync(pidFile("standalone"), stale);
      (await takeRunFolder(dataDir, "/nowhere/services")).release();
    }
  });

  it("is refused while its owner runs, whichever folder the owner was started from", async () => {
    const program = join(dataDir, "main.ts");
    writeFileSync(program, "process.stdin.resume();");
    const owner = spawn(process.execPath, ["main.ts"], { cwd: dataDir, stdio: ["pipe", "ignore", "ignore"] });
    const ended = once(owner, "exit");
    writeFileSync(pidFile("standalone"), `${owner.pid}\n`);
    await assert.rejects(takeRunFolder(dataDir, "/nowhere/services"), {
      message: new RegExp(`in use by process ${owner.pid}`),
    });
    owner.stdin.end();
    await ended;
    (await takeRunFolder(dataDir, "/nowhere/services")).release();
  });
});
