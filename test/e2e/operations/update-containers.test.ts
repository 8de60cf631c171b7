// update.sh with a stand-in for Docker, whose containers are names in a file. That gateways lose no request when they
// are replaced one by one behind HAProxy is tested with real processes (restarts-behind-haproxy.long.test.ts).
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import { atEnd, endWithSuite } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { projectFolder } from "../../support/services/services.ts";

const State = Type.Object({ containers: Type.Array(Type.Object({ id: Type.String() })) });
const stub = join(projectFolder, "test", "support", "external", "docker-stub.mjs");

/** Runs update.sh on an installation; `log` is what Docker was asked to change. */
function update(broken = "") {
  const folder = mkdtempSync(join(tmpdir(), "onsale-update-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const state = join(folder, "state");
  const ids = ["worker-1", "worker-2", "gateway-1", "gateway-2", "gateway-3", "notifier-1", "admin-1"];
  const containers = ids.map((id) => ({ id, service: id.split("-")[0], healthy: true }));
  writeFileSync(state, JSON.stringify({ containers, created: 0 }));
  const programs = { docker: `exec "${process.execPath}" "${stub}" "$@"`, sleep: `echo "sleep $1" >>"${state}.log"` };
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const environment = { ...cleanEnvironment(), PATH: `${folder}:${process.env.PATH}`, STATE: state, BROKEN: broken };
  const script = join(projectFolder, "infra", "docker", "update.sh");
  const { status, stderr } = spawnSync(script, { env: environment, encoding: "utf8" });
  const left = Parse(State, JSON.parse(readFileSync(state, "utf8"))).containers.map(({ id }) => id);
  return { status, stderr, left, log: readFileSync(`${state}.log`, "utf8").trim().split("\n") };
}

describe("update.sh", () => {
  let whole: ReturnType<typeof update>;

  endWithSuite();
  before(() => {
    whole = update();
  });

  it("replaces workers, gateways, notifiers and the admin service, one container at a time", () => {
    const { status, stderr, log, left } = whole;
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      log.filter((line) => /^(build|start|recreate)/.test(line)).map((line) => line.replace(/-new-\d+$/, "")),
      [
        "build",
        ...["start worker", "start worker"],
        ...["start gateway", "start gateway", "start gateway"],
        "start notifier",
        "recreate admin",
      ],
    );
    assert.deepEqual(left.map((id) => id.replace(/-\d+$/, "")).sort(), [
      "admin",
      ...["gateway-new", "gateway-new", "gateway-new"],
      "notifier-new",
      ...["worker-new", "worker-new"],
    ]);
  });

  it("stops an old container only when a new one is ready beside it, and HAProxy knows it", () => {
    const { log } = whole;
    const readyAtLeast = { worker: 2, gateway: 3, notifier: 1 };
    for (const [service, count] of Object.entries(readyAtLeast)) {
      const stops = log.filter((line) => line.startsWith(`stop ${service}`));
      assert.equal(stops.length, count);
      for (const line of stops) assert.match(line, new RegExp(`^stop ${service}-\\d, ${count} ready$`));
    }
    for (const [index, line] of log.entries()) if (/^stop gateway/.test(line)) assert.equal(log[index - 1], "sleep 5");
  });

  it("removes a new container that does not become ready, shows its log, and leaves all others running", () => {
    const { status, stderr, log, left } = update("gateway");
    assert.equal(status, 1);
    assert.match(stderr, /new container of gateway does not become ready.*the others go on running/);
    assert.match(stderr, /the database cannot be reached/);
    assert.deepEqual(left.filter((id) => /gateway|notifier|admin/.test(id)).sort(), [
      "admin-1",
      "gateway-1",
      "gateway-2",
      "gateway-3",
      "notifier-1",
    ]);
    assert(!log.some((line) => /^stop gateway|notifier|admin/.test(line)));
  });
});
