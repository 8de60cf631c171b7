import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import { createApi, readMetric } from "../../support/http/api.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

describePipeline("Prefer: wait", (backend) => {
  let installation: Installation;
  let eventCode: string;

  before(async () => {
    installation = await startInstallation(backend, { workers: 0 });
    eventCode = await installation.api.createEvent({ STANDARD: 10_000 });
  });

  it("answers 202 when the time is up before the decision", async () => {
    const answer = await installation.api.purchase({ eventCode, waitSeconds: 1 });
    assert.deepEqual([answer.status, answer.body.status], [202, "PENDING"]);
    assert.equal(answer.headers.get("preference-applied"), "wait=1");
    assert.equal(answer.headers.get("retry-after"), "1");
  });

  it("ends when the gateway stops: the buyer gets 202 and the order", async () => {
    const stopping = await startGateway(installation.environment);
    const client = createApi(stopping.url);
    // Loads the gateway's OpenAPI document, with which the answer below is compared after the gateway has stopped.
    await client.get("/livez");
    const buying = client.purchase({ eventCode, waitSeconds: 30 });
    await untilTrue(
      "the order is recorded",
      async () => (await readMetric(`${stopping.url}/metrics`, "orders_accepted_total")) === 1,
    );
    const exitCode = stopping.stop();
    const answer = await buying;
    assert.deepEqual([answer.status, answer.body.status], [202, "PENDING"]);
    assert.equal(await exitCode, 0);
  });

  it("is limited to 30 seconds, and ignored when it is invalid", async () => {
    const { api } = installation;
    const buy = (prefer: string, key: string) =>
      api.post(
        "/api/v1/orders/purchase",
        { eventCode, ticketType: "STANDARD", quantity: 1 },
        { prefer, "idempotency-key": key },
      );
    for (const prefer of ["wait=soon", "wait=-1", "respond-async", "wait"]) {
      const answer = await buy(prefer, `ignored ${prefer}`.replaceAll(" ", "-"));
      assert.deepEqual([answer.status, answer.headers.get("preference-applied")], [202, null], prefer);
    }
    await startWorker(installation.environment);
    const answer = await buy("respond-async, wait=600", "cut");
    assert.deepEqual([answer.status, answer.headers.get("preference-applied")], [200, "wait=30"]);
  });

  it("is limited by WAIT_SECONDS_MAX, and connections are kept for KEEP_ALIVE_SECONDS", async () => {
    const settings = { WAIT_SECONDS_MAX: "1", KEEP_ALIVE_SECONDS: "620" };
    const { url } = await startGateway({ ...installation.environment, ...settings });
    const client = createApi(url);
    const unsold = await client.createEvent({ STANDARD: 1 });
    const { headers } = await client.purchase({ eventCode: unsold, waitSeconds: 30 });
    assert.deepEqual([headers.get("preference-applied"), headers.get("keep-alive")], ["wait=1", "timeout=620"]);
    const { headers: usual } = await installation.api.get("/livez");
    assert.equal(usual.get("keep-alive"), "timeout=72");
  });

  it("answers hundreds of waiting purchases with their decisions", async () => {
    const { api, environment } = installation;
    await startWorker(environment);
    const event = await api.createEvent({ STANDARD: 300 });
    const answers = await Promise.all(
      Array.from({ length: 400 }, () => api.purchase({ eventCode: event, waitSeconds: 30 })),
    );
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
    assert.equal(answers.filter((answer) => answer.body.status === "CONFIRMED").length, 300);
  });
});
