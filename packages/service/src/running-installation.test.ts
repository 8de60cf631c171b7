import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { findGateway, findInstallation, runFiles } from "./running-installation.ts";

describe("a running npm start", () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "onsale-running-"));
    mkdirSync(join(dataDir, "run"));
  });

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFileSync(join(dataDir, "run", name), `${text}\n`);
  const url = "http://127.0.0.1:18123";

  it("is found with its gateway while its process runs, and is known to have ended afterwards", async () => {
    const program = join(dataDir, "main.ts");
    writeFileSync(program, "process.stdin.resume();");
    const owner = spawn(process.execPath, [program], { stdio: ["pipe", "ignore", "ignore"] });
    const ended = once(owner, "exit");
    write(runFiles.pid, String(owner.pid));
    write(runFiles.gatewayUrl, url);
    assert.deepEqual(findInstallation(dataDir), { kind: "running", url });
    assert.deepEqual(findGateway(dataDir), { url, isRunning: true });

    owner.kill("SIGKILL");
    await ended;
    assert.deepEqual(findInstallation(dataDir), { kind: "ended", url });
    const { note, ...gateway } = findGateway(dataDir);
    assert.deepEqual(gateway, { url: "http://127.0.0.1:8080", isRunning: false });
    assert(note?.includes(dataDir) && note.includes(url), note);
  });

  it("is not there without its file, or with one that has no URL", () => {
    assert.deepEqual(findInstallation(join(dataDir, "nowhere")), { kind: "none" });
    write(runFiles.pid, String(process.pid));
    assert.deepEqual(findInstallation(dataDir), { kind: "none" });
    for (const text of ["", "nonsense", "file:///etc/passwd", `${url}\nhttp://evil.example`, `${url}/path`]) {
      write(runFiles.gatewayUrl, text);
      assert.deepEqual(findInstallation(dataDir), { kind: "none" }, text);
    }
  });

  it("has ended when its pid belongs to another program", () => {
    write(runFiles.gatewayUrl, url);
    for (const pid of ["1", "0", "-1", "999999999", ""]) {
      write(runFiles.pid, pid);
      assert.equal(findInstallation(dataDir).kind, "ended", pid);
    }
  });
});
