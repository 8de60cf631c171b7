import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Webhook } from "@onsale/contracts/webhook";
import { atEnd } from "../../support/cleanup.ts";
import { cleanEnvironment } from "../../support/config.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { projectFolder } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";
import { startInstallationWithWebhooks } from "../../support/webhooks/webhooks.ts";

/** Starts `npm run receiver`. */
function startReceiverExample(onsaleUrl: string) {
  const { PATH, ...environment } = cleanEnvironment();
  const path = `${join(projectFolder, "node_modules", ".bin")}:${PATH}`;
  const env = { ...environment, PATH: path, ONSALE_URL: onsaleUrl, NO_COLOR: "1" };
  const child = spawn("npm", ["run", "receiver"], { cwd: projectFolder, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data.toString()));
  const exited = once(child, "exit").then(([code]) => code);
  atEnd(() => child.kill("SIGKILL"));
  return { child, exited, output: () => output };
}

describe("npm run receiver", () => {
  it("registers an endpoint, prints the webhooks, and deletes the endpoint at the end", async () => {
    const { api } = await startInstallationWithWebhooks(postgresQueues);
    const listWebhooks = async () => (await api.get<{ content: Webhook[] }>("/api/v1/webhooks")).body.content;
    const eventCode = await api.createEvent({ VIP: 1 });
    const example = startReceiverExample(api.baseUrl);
    await untilTrue("the ping is printed", () => /^webhook\.ping$/m.test(example.output()));
    assert.equal((await listWebhooks()).length, 1);

    const { body: order } = await api.purchase({ eventCode, ticketType: "VIP", waitSeconds: 10 });
    await api.purchase({ eventCode, ticketType: "VIP", waitSeconds: 10 });
    const confirmed = new RegExp(`^order\\.confirmed ${eventCode} 1 VIP, order ${order.id}$`, "m");
    const rejected = new RegExp(
      `^order\\.rejected ${eventCode} 1 VIP, order \\S+: No tickets of this type are left\\.$`,
      "m",
    );
    await untilTrue("both are printed", () => confirmed.test(example.output()) && rejected.test(example.output()));

    example.child.kill("SIGINT");
    assert.equal(await example.exited, 0, example.output());
    assert.deepEqual(await listWebhooks(), []);
  });

  it("prints what to do when there is no Onsale", async () => {
    const example = startReceiverExample("http://127.0.0.1:1");
    assert.equal(await example.exited, 1);
    assert.match(example.output(), /Is it running\? npm start/);
  });
});
