// The Dockerfile and docker-compose.yml as texts; containers.long.test.ts builds the images and starts their programs.
import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findFreePort } from "@onsale/standalone/free-port";
import { validate } from "dockerfile-utils";
import { atEnd } from "../../support/cleanup.ts";
import { compose, composeText, requiredVariables, settingsOf } from "../../support/external/compose.ts";
import { contextFiles, dockerfile, imagedServices, targets } from "../../support/external/image.ts";
import { without } from "../../support/external/programs.ts";
import { assertMemoryForWaiters } from "../../support/services/gateway-memory.ts";
import { projectFolder } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

const dockerFolder = join(projectFolder, "infra", "docker");

describe("the Dockerfile", () => {
  it("passes a linter", () => {
    assert.deepEqual(validate(dockerfile), []);
  });

  it("has a target for each service", () => {
    for (const service of imagedServices) assert(targets.includes(service), `no target for ${service}`);
  });

  it("starts no target as root", () => {
    const stages = dockerfile.split(/^(?=FROM )/m);
    const [runtime = ""] = stages.filter((stage) => / AS runtime$/m.test(stage));
    assert.deepEqual(runtime.match(/^USER .*$/gm), ["USER node"]);
    for (const service of imagedServices) {
      const [stage = ""] = stages.filter((one) => one.startsWith(`FROM runtime AS ${service}\n`));
      assert.match(stage, /^(CMD|ENTRYPOINT) /m, service);
      assert.doesNotMatch(stage, /^USER /m, service);
    }
  });

  it("uses the version of Node that the tests use", () => {
    const { dependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
    assert.equal(/NODE_VERSION=(\S+)/.exec(dockerfile)?.[1], dependencies.node);
  });

  it("installs modules again only when a manifest changes, and not when a source does", () => {
    const installing = dockerfile.split(/^FROM /m).filter((stage) => stage.includes("npm ci"));
    assert.equal(installing.length, imagedServices.length);
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
      "127.0.0.1:9093:9093",
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

  it("rotates the log of every container", () => {
    for (const [name, { logging }] of all) {
      assert.deepEqual(logging, { driver: "json-file", options: { "max-size": "20m", "max-file": "5" } }, name);
    }
  });

  it("lets PostgreSQL's exporter log in only as the role that reads statistics", () => {
    const { DATA_SOURCE_USER, DATA_SOURCE_PASS } = compose.services["postgres-exporter"]?.environment ?? {};
    assert.equal(DATA_SOURCE_USER, "monitor");
    assert.match(DATA_SOURCE_PASS ?? "", /^\$\{MONITOR_PASSWORD:\?/);
    assert.equal(compose.services.postgres?.environment?.MONITOR_PASSWORD, DATA_SOURCE_PASS);
  });

  it("lets only the notifier and Alertmanager reach the internet", () => {
    const { inside, published, outside, ...others } = compose.networks;
    assert.deepEqual(others, {});
    assert.deepEqual(inside, { internal: true });
    assert.deepEqual(published, { driver_opts: { "com.docker.network.bridge.enable_ip_masquerade": "false" } });
    assert.equal(outside, null);
    for (const [name, { networks, ports = [] }] of all) {
      const published = ports.length > 0 ? ["published"] : [];
      const outside = ["notifier", "alertmanager"].includes(name) ? ["outside"] : [];
      assert.deepEqual(networks, ["inside", ...published, ...outside], name);
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
