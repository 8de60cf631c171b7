import { strict as assert } from "node:assert";
import { statSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import type { Webhook } from "@onsale/contracts/webhook";
import { createCli, startProgram } from "../../support/services/program.ts";
import { newDataDir, runFiles, startStandalone, untilGone } from "../../support/services/standalone.ts";
import { untilTrue } from "../../support/until.ts";
import { startReceiverExample } from "../../support/webhooks/receiver-example.ts";

it("the command line, the demo and the receiver find a running npm start by its DATA_DIR", async () => {
  const dataDir = newDataDir();
  const onsale = startStandalone({ dataDir });
  const api = await onsale.ready();
  const environment = { DATA_DIR: dataDir };
  const cli = createCli(environment);

  assert.match((await cli.run("events", "list")).stdout, /EVNT-ROCK-2025/);
  const { stdout: findings } = await cli.run("doctor");
  assert.match(findings, new RegExp(`✔ gateway +${api.baseUrl} is ready`));

  const receiver = startReceiverExample(environment);
  await untilTrue("the ping is printed", () => /^webhook\.ping$/m.test(receiver.output()));
  assert.match(receiver.output(), new RegExp(`registered with ${api.baseUrl}\\.`));
  receiver.child.kill("SIGINT");
  assert.equal(await receiver.exited, 0, receiver.output());
  assert.deepEqual((await api.get<{ content: Webhook[] }>("/api/v1/webhooks")).body.content, []);

  const demo = await startProgram("test/demo/main.ts", ["--buyers", "20", "--seconds", "1"], environment).ended;
  assert.equal(demo.code, 0, `${demo.stdout}${demo.stderr}`);
  const [demoEvent = ""] = /DEMO-[\w-]+/.exec(demo.stdout) ?? [];
  assert.equal((await api.get(`/api/v1/events/${demoEvent}`)).status, 200, demo.stdout);

  assert.equal(statSync(join(dataDir, "run", "database-url")).mode & 0o077, 0);
  const processes = onsale.descendants();
  onsale.process.kill("SIGKILL");
  assert.equal(await onsale.exited, "SIGKILL");
  await untilGone(processes);
  const stale = await cli.run("events", "list");
  const note = `The npm start on ${dataDir} (at ${api.baseUrl}) has been killed, so http://127.0.0.1:8080 is tried.\n`;
  assert(stale.stderr.startsWith(note), stale.stderr);

  const next = startStandalone({ dataDir });
  await next.ready();
  assert.match((await cli.run("events", "list")).stdout, /EVNT-ROCK-2025/);
  next.process.kill("SIGTERM");
  assert.equal(await next.exited, 0);
  assert.deepEqual(runFiles(dataDir), []);
});
