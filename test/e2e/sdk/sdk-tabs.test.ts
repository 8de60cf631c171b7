// The published client in a browser: several tabs share one stream. The tabs are frames of one page; the browser treats
// them alike.
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { it } from "node:test";
import { browserProgram, runPage } from "../../support/browser/browser.ts";
import { installPackedClient } from "../../support/sdk/packed-client.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { untilTrue } from "../../support/until.ts";

const frameCount = 8;
const skip = browserProgram === undefined && "there is no Chromium in /usr/bin; install one to run this test";

it("eight tabs share one stream, and go on when the one that holds it is closed", { skip }, async () => {
  const { api } = await startInstallation(postgresQueues);
  const eventCode = await api.createEvent({ STANDARD: 10 });
  const modules = join(installPackedClient(), "node_modules", "@onsale", "client", "dist");
  // Each frame tells the outer page the totals that it sees. With the second total the outer page closes the frame that
  // holds the connection, which is the first one, and the others must see the third.
  const script = `
    if (location.search === "?tab") {
      const { shareSale } = await import("/client/index.js");
      const client = { baseUrl: location.origin };
      for await (const { inventory } of shareSale(client, "${eventCode}")) {
        parent.seen(frameElement, inventory[0].total);
      }
    } else {
      const seen = new Map();
      const frames = [];
      const addFrame = () => {
        const frame = document.createElement("iframe");
        frame.src = "/?tab";
        frames.push(frame);
        document.body.append(frame);
      };
      let hasClosed = false;
      window.seen = (frame, total) => {
        seen.set(frame, total);
        const all = (wanted) => frames.every((one) => seen.get(one) === wanted);
        // The others come once the first one has the lock.
        if (frames.length === 1) while (frames.length < ${frameCount}) addFrame();
        if (all(20) && !hasClosed) {
          hasClosed = true;
          frames.shift().remove();
          fetch("/api/v1/inventory/${eventCode}/STANDARD", {
            method: "PUT",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ total: 30 }),
          });
        }
        if (all(30)) report({ tabs: frames.length });
      };
      addEventListener("load", addFrame);
    }`;
  const reported = runPage(browserProgram ?? "", { script, modules, gatewayUrl: api.baseUrl });
  const streamCount = () => api.metric('wait_slots_taken{kind="stream"}');
  await untilTrue("a tab listens", async () => (await streamCount()) > 0, 30_000);
  await api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 20 });
  assert.deepEqual(await reported, { tabs: frameCount - 1 });
  await untilTrue("one stream is open", async () => (await streamCount()) === 1);
});
