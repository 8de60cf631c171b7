// The unit files of infra/systemd. No service manager runs here: systemd-analyze reads the files, and a test starts
// what they start.
import { strict as assert } from "node:assert";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { without } from "../../support/external/programs.ts";
import { environmentOf, exampleVariables, systemdFolder, type Unit, units } from "../../support/external/systemd.ts";
import { assertMemoryForWaiters } from "../../support/services/gateway-memory.ts";
import { projectFolder } from "../../support/services/services.ts";

const installed = "/opt/onsale";
const here = (text: string) => text.replaceAll(installed, projectFolder);

function find(name: string): Unit {
  const unit = units.find((one) => one.name === name);
  assert(unit !== undefined, name);
  return unit;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "onsale-systemd-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("the unit files", () => {
  it("start the program of each service, with settings that exist", () => {
    assert.deepEqual(
      units.map(({ name }) => name.replace(/@?\.service$/, "")),
      ["onsale-admin", "onsale-gateway", "onsale-notifier", "onsale-worker"],
    );
    const page = readFileSync(join(projectFolder, "docs", "configuration.md"), "utf8");
    const known = new Set([...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name));
    for (const unit of units) {
      const [node = "", main = ""] = unit.values("ExecStart").flatMap((line) => here(line).split(" "));
      assert(existsSync(node) && existsSync(join(projectFolder, main)), `${node} ${main}`);
      assert.match(main, new RegExp(`^services/${/onsale-(\w+)/.exec(unit.name)?.[1]}/src/main.ts$`));
      for (const name of Object.keys(environmentOf(unit, "8080"))) {
        assert(known.has(name) || ["NODE_ENV", "NODE_OPTIONS"].includes(name), `${unit.name}: ${name}`);
      }
    }
    assert(exampleVariables.length >= 6);
    for (const name of exampleVariables) assert(known.has(name), name);
  });

  it("give each service the time and the memory that it needs", () => {
    for (const unit of units) {
      const { DRAIN_SECONDS = "0" } = environmentOf(unit, "8080");
      const [stopSeconds] = unit.values("TimeoutStopSec");
      assert(Number(stopSeconds) >= Number(DRAIN_SECONDS) + 30, unit.name);
    }
    const gateway = find("onsale-gateway@.service");
    assertMemoryForWaiters(environmentOf(gateway, "8080"), gateway.values("MemoryMax")[0] ?? "");
  });

  it("pass systemd-analyze, and restrict each service", { skip: without("systemd-analyze", "systemd") }, () => {
    const folder = temporaryFolder();
    cpSync(systemdFolder, folder, { recursive: true });
    const copies = readdirSync(folder, { recursive: true, encoding: "utf8" });
    for (const file of copies.filter((name) => /\.(service|conf)$/.test(name))) {
      writeFileSync(join(folder, file), here(readFileSync(join(folder, file), "utf8")));
    }
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` };
    const analyze = (...parameters: string[]) => {
      const { status, stderr } = spawnSync("systemd-analyze", parameters, { env, encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""], parameters.join(" "));
    };
    for (const { name } of units) {
      const file = join(folder, name.replace("@.", "@8080."));
      analyze("verify", "--man=no", "--recursive-errors=one", file);
      // From 0 to 100; 20 is what systemd calls OK.
      analyze("security", "--offline=true", "--threshold=20", file);
    }
  });

  it("start a worker, wait until it is ready, and end it in time", async () => {
    const unit = find("onsale-worker@.service");
    const port = String(await findFreePort());
    const env = { ...cleanEnvironment(), DATABASE_URL: await createTestDatabase(), ...environmentOf(unit, port) };
    const [start = "", post = ""] = [...unit.values("ExecStart"), ...unit.values("ExecStartPost")].map(here);
    const options = { cwd: projectFolder, env, stdio: "ignore" as const };
    const worker = spawn("sh", ["-c", `exec ${start}`], options);
    const exited = once(worker, "exit");
    atEnd(async () => {
      worker.kill("SIGKILL");
      await exited;
    });
    const untilReady = () => {
      const postEnv = { ...env, MAINPID: String(worker.pid) };
      return spawnSync("sh", ["-c", post.replaceAll("%i", port)], { ...options, env: postEnv, timeout: 60_000 }).status;
    };
    assert.equal(untilReady(), 0);
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    worker.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
    assert.equal(untilReady(), 1, "a process that has ended will not be ready");
  });
});

describe("restart.sh", () => {
  /** Runs it with a `systemctl` that lists three gateways and two workers, and cannot restart the unit `broken`. */
  function restart(broken = ""): { restarted: string[]; failed: boolean } {
    const folder = temporaryFolder();
    const log = join(folder, "log");
    const program = `#!/bin/sh
case "$1 $5" in
  "list-units onsale-gateway@*.service") printf 'onsale-gateway@808%s.service loaded active running\\n' 0 1 2 ;;
  "list-units onsale-worker@*.service") printf 'onsale-worker@947%s.service loaded active running\\n' 0 1 ;;
  "list-units onsale-admin.service") echo 'onsale-admin.service loaded active running' ;;
  restart*) echo "$2" >>${log}; [ "$2" != "${broken}" ] ;;
esac
`;
    writeFileSync(join(folder, "systemctl"), program);
    chmodSync(join(folder, "systemctl"), 0o755);
    writeFileSync(log, "");
    const env = { ...cleanEnvironment(), PATH: `${folder}:${process.env.PATH}` };
    let failed = false;
    try {
      execFileSync(join(systemdFolder, "restart.sh"), { env, stdio: "pipe" });
    } catch {
      failed = true;
    }
    return { restarted: readFileSync(log, "utf8").trim().split("\n"), failed };
  }
  const workers = ["onsale-worker@9470.service", "onsale-worker@9471.service"];
  const gateways = ["onsale-gateway@8080.service", "onsale-gateway@8081.service", "onsale-gateway@8082.service"];

  it("restarts one process after the other: workers, gateways, notifiers, the admin service", () => {
    assert.deepEqual(restart(), { restarted: [...workers, ...gateways, "onsale-admin.service"], failed: false });
  });

  it("stops at a process that does not become ready, and leaves the others as they are", () => {
    const expected = { restarted: [...workers, ...gateways.slice(0, 2)], failed: true };
    assert.deepEqual(restart("onsale-gateway@8081.service"), expected);
  });
});
