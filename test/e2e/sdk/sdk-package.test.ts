// The published package: as `npm pack` makes it, outside of this repository, and its README.
import { strict as assert } from "node:assert";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { Order } from "@onsale/contracts/order";
import type { CreatedWebhook, Delivery } from "@onsale/contracts/webhook";
import { newWebhookSecret } from "@onsale/security/webhook-secret";
import { webhookHeaders } from "@onsale/security/webhook-signature";
import { findFreePort } from "@onsale/standalone/free-port";
import { browserProgram, runPage } from "../../support/browser/browser.ts";
import { atEnd, endWithSuite } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { clientFolder, findNode20, installPackedClient } from "../../support/sdk/packed-client.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { projectFolder, startNotifier } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

type Page<Item> = Readonly<{ content: readonly Item[] }>;

const run = promisify(execFile);
const webhookSettings = { WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"), WEBHOOK_ALLOW_PRIVATE: "1" };
const node20 = findNode20();
const runtimes = [
  { name: "this repository's Node", program: process.execPath, extension: "ts", skip: false },
  {
    name: "Node 20",
    program: node20 ?? "",
    extension: "mjs",
    skip: node20 === undefined && "there is no Node 20 on the PATH; install one to run this test",
  },
] as const;

let folder: string;
let packageFolder: string;

before(() => {
  folder = installPackedClient();
  packageFolder = join(folder, "node_modules", "@onsale", "client");
});

describe("the packed client", () => {
  it("imports only its own files, in its compiled code and in its types", () => {
    const files = globSync("dist/**/*.{js,d.ts}", { cwd: packageFolder });
    assert(files.length > 20);
    for (const file of files) {
      const text = readFileSync(join(packageFolder, file), "utf8");
      const names = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*["']([^"']+)["']/g)].map(
        ([, name = ""]) => name,
      );
      for (const name of names) {
        assert.match(name, /^\.\.?\//, `${file} imports ${name}`);
        // Declarations keep the extension `.ts`; for it a compiler reads the declarations with the same name.
        const target = join(
          packageFolder,
          dirname(file),
          file.endsWith(".d.ts") ? name.replace(/\.ts$/, ".d.ts") : name,
        );
        assert(existsSync(target), `${file} imports ${name}, which is not there`);
      }
      assert.doesNotMatch(text, /\/\/\/ <reference|\bprocess\.|\bBuffer\b|\bnode:/, file);
    }
  });

  it("has a licence, a README, and neither tests nor dependencies", () => {
    const files = globSync("**/*.*", { cwd: packageFolder });
    const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
    assert.equal(
      readFileSync(join(packageFolder, "LICENSE"), "utf8"),
      readFileSync(join(projectFolder, "LICENSE"), "utf8"),
    );
    assert(files.includes("README.md"));
    assert.deepEqual(
      files.filter((file) => file.includes("test")),
      [],
    );
    for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "private"]) {
      assert.equal(manifest[field], undefined, field);
    }
  });
});

describe("the client's README", () => {
  it("shows the examples exactly as in their files, and links those that it does not show", () => {
    const readme = readFileSync(join(clientFolder, "README.md"), "utf8");
    const shown = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, text]) => text);
    const files = globSync("examples/*.ts", { cwd: clientFolder }).filter((file) => !readme.includes(`(${file})`));
    const examples = files.map((file) => readFileSync(join(clientFolder, file), "utf8"));
    assert.deepEqual(shown.sort(), examples.sort());
  });
});

const noBrowser = browserProgram === undefined && "there is no Chromium in /usr/bin; install one to run this test";

describe("the packed client in a browser", { skip: noBrowser }, () => {
  it("buys, watches, lists and verifies", async () => {
    const { api } = await startInstallation(postgresQueues);
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const body = JSON.stringify({ type: "webhook.ping", timestamp: "2030-06-01T19:00:00.000Z", data: {} });
    const secret = newWebhookSecret();
    const headers = webhookHeaders({ id: "msg_1", timestamp: Math.floor(Date.now() / 1_000), body }, [secret]);
    const webhook = [headers, body, secret].map((value) => JSON.stringify(value)).join(", ");
    const script = `
      import { listOrders, purchase, verifyWebhook, watchOrder, watchSale } from "/client/index.js";
      const client = { baseUrl: location.origin };
      const order = await purchase(client, { eventCode: "${eventCode}", ticketType: "STANDARD", quantity: 2 });
      const found = { id: order.id, watched: [], listed: [], left: undefined };
      for await (const { status } of watchOrder(client, order.id)) found.watched.push(status);
      for await (const { id } of listOrders(client, { event: "${eventCode}" })) found.listed.push(id);
      for await (const { inventory } of watchSale(client, "${eventCode}")) {
        found.left = inventory[0].available;
        break;
      }
      found.verified = (await verifyWebhook(${webhook})).type;
      await report(found);`;
    const modules = join(packageFolder, "dist");
    const found = await runPage(browserProgram ?? "", { script, modules, gatewayUrl: api.baseUrl });

    const [order] = (await api.get<Page<Order>>(`/api/v1/orders?event=${eventCode}`)).body.content;
    assert.equal(order?.status, "CONFIRMED");
    const { id } = order;
    assert.deepEqual(found, { id, watched: ["CONFIRMED"], listed: [id], left: 8, verified: "webhook.ping" });
  });
});

for (const { name, program, extension, skip } of runtimes) {
  describe(`the client's examples, with the packed client on ${name}`, { skip }, () => {
    let installation: Installation;
    let environment: Record<string, string>;

    endWithSuite();
    before(async () => {
      installation = await startInstallation(postgresQueues, { settings: webhookSettings });
      await installation.api.createEvent({ STANDARD: 3, STUDENT: 1, VIP: 1 }, "EVNT-ROCK-2025");
      environment = { ...cleanEnvironment(), ONSALE_URL: installation.api.baseUrl };
      for (const file of globSync(join(clientFolder, "examples", "*.ts"))) {
        copyFileSync(file, join(folder, fileOf(basename(file, ".ts"))));
      }
    });

    const fileOf = (example: string) => `${example}.${extension}`;
    const runExample = async (example: string, ...parameters: string[]) =>
      (await run(program, [fileOf(example), ...parameters], { cwd: folder, env: environment })).stdout;

    it("create an event, say so when it exists already, and list it", async () => {
      assert.equal(await runExample("create-event"), "EVNT-JAZZ is on sale.\n");
      assert.equal(await runExample("create-event"), "EVNT-JAZZ is there already.\n");
      assert.match(await runExample("list-events"), /^EVNT-JAZZ: Jazz Night, open\n {2}STANDARD: 300 left\n/);
    });

    it("buy tickets, and read, watch and list the order", async () => {
      const bought = await runExample("purchase");
      const id = /^Order (\S+) is CONFIRMED\.\n$/.exec(bought)?.[1] ?? "";
      assert.equal(await runExample("get-order", id), "2 STANDARD: CONFIRMED\n", bought);
      assert.equal(await runExample("watch-order", id), "CONFIRMED\n");
      assert.equal(await runExample("list-orders"), `${id}: 2 STANDARD\n`);
      assert.match(await runExample("purchase"), /^No tickets: Some tickets of this type are left, but fewer/);
      await installation.api.assertSound("EVNT-ROCK-2025");
    });

    it("hold and confirm a basket, and give it back in parts", async () => {
      const [held = "", confirmed = ""] = (await runExample("hold-and-confirm")).split("\n");
      const id = /^Order (\S+) is HELD\. Pay until 20\S+\.$/.exec(held)?.[1] ?? "";
      assert.equal(confirmed, `Order ${id} is CONFIRMED.`);
      assert.match(await runExample("hold-and-confirm"), /^No tickets: /);
      assert.equal(await runExample("get-order", id), "1 VIP, 1 STUDENT: CONFIRMED\n");
      assert.match(await runExample("cancel-order", id, "VIP"), /is CONFIRMED\.\nPENDING to HELD: no reason\n/);
      const cancelled = await runExample("cancel-order", id);
      assert.match(cancelled, /is CANCELLED\.\n.*\nCONFIRMED to CANCELLED: The buyer asked for it\.\n$/s);
      await installation.api.assertSound("EVNT-ROCK-2025");
    });

    it("watch a sale until it is interrupted", async () => {
      const watcher = startExample(program, fileOf("watch-sale"), [], environment);
      await untilTrue("it prints the sale", () =>
        /^(?:[A-Z]+: \d left\n){3}\d orders are pending\.\n/.test(watcher.output()),
      );
      assert.equal(await watcher.interrupt(), 0);
    });

    it("watch an order that is pending", async () => {
      const idle = await startInstallation(postgresQueues, { workers: 0 });
      const { id } = (await idle.api.purchase({ eventCode: await idle.api.createEvent({ STANDARD: 1 }) })).body;
      const env = { ...environment, ONSALE_URL: idle.api.baseUrl };
      const watcher = startExample(program, fileOf("watch-order"), [id], env);
      await untilTrue("it prints the order", () => watcher.output() === "PENDING: 0 orders are before yours.\n");
    });

    it("receive webhooks from a notifier, and refuse forged ones", async () => {
      const { api, environment: services } = installation;
      await startNotifier(services);
      const port = String(await findFreePort());
      const url = `http://127.0.0.1:${port}/`;
      const events = ["order.confirmed", "order.rejected"];
      const eventCode = await api.createEvent({ STANDARD: 1 });
      const { id, secret } = (await api.post<CreatedWebhook>("/api/v1/webhooks", { url, events, eventCode })).body;
      const env = { ...environment, PORT: port, WEBHOOK_SECRETS: `${newWebhookSecret()} ${secret}` };
      const server = startExample(program, fileOf("webhook-server"), [], env);
      await untilTrue(
        "the example listens",
        () => server.output() === `Ready for webhooks at http://127.0.0.1:${port}\n`,
      );

      const { body: order } = await api.purchase({ eventCode, waitSeconds: 20 });
      await api.purchase({ eventCode, waitSeconds: 20 });
      await untilTrue("the example has received it", () =>
        server.output().endsWith(`\nOrder ${order.id} is confirmed.\n`),
      );
      await api.post(`/api/v1/webhooks/${id}/ping`, undefined);
      await untilTrue("everything is delivered", async () => {
        const { content } = (await api.get<Page<Delivery>>(`/api/v1/webhooks/${id}/deliveries`)).body;
        return content.length === 3 && content.every(({ status }) => status === "DELIVERED");
      });

      const body = JSON.stringify({ type: "order.confirmed", timestamp: order.createdAt, data: { order } });
      const message = { id: "msg_1", timestamp: Math.floor(Date.now() / 1_000), body };
      const headers = webhookHeaders(message, [newWebhookSecret()]);
      assert.equal((await fetch(url, { method: "POST", headers, body })).status, 400);
    });
  });
}

/** Starts an example that does not end by itself; cleanup.ts says when it is killed. */
function startExample(program: string, file: string, parameters: string[], env: Record<string, string>) {
  const child = spawn(program, [file, ...parameters], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let output = "";
  child.stdout.on("data", (data) => {
    output += String(data);
  });
  atEnd(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return {
    output: () => output,
    /** Sends the signal of Ctrl-C, and resolves with the exit code. */
    interrupt: async (): Promise<number | null> => {
      child.kill("SIGINT");
      await exited;
      return child.exitCode;
    },
  };
}
