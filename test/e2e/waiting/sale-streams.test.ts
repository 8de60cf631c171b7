import { strict as assert } from "node:assert";
import { before, it } from "node:test";
import type { Event } from "@onsale/contracts/event";
import type { Problem } from "@onsale/contracts/problem";
import type { Sale } from "@onsale/contracts/sale";
import { type Api, newKey } from "../../support/http/api.ts";
import { createContract } from "../../support/http/contract.ts";
import { openStream } from "../../support/http/event-stream.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { type Installation, startInstallation } from "../../support/services/installation.ts";
import { startGateway } from "../../support/services/services.ts";

const messagesPerSecondMax = 4;

const watch = ({ baseUrl }: Pick<Api, "baseUrl">, eventCode: string) =>
  openStream<Sale>(`${baseUrl}/api/v1/events/${eventCode}/stream`);

const stockOf = (sale: Sale, ticketType = "STANDARD") => sale.inventory.find((row) => row.ticketType === ticketType);

describePipeline("the stream of a sale", (backend) => {
  let installation: Installation;
  let api: Api;

  before(async () => {
    installation = await startInstallation(backend, { gateways: 2 });
    ({ api } = installation);
  });

  it("begins with the last state, for the first client and for later ones", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const first = await watch(api, eventCode);
    const { data, event } = await first.untilMessage("the state is here", () => true);
    assert.equal(event, "sale");
    const { at, ...state } = data;
    assert.deepEqual(state, {
      eventCode,
      sale: { state: "open", opensAt: null, closesAt: "2030-06-01T23:00:00.000Z" },
      inventory: [{ eventCode, ticketType: "STANDARD", total: 10, sold: 0, held: 0, available: 10 }],
      pending: 0,
      decidedPerSecond: 0,
    });
    const second = await watch(api, eventCode);
    // It is the same message, which the gateway composed when the state changed.
    assert.equal((await second.untilMessage("the state is here", () => true)).data.at, at);
  });

  it("reports purchases, changed totals and new ticket types, at every gateway", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const contract = createContract(api.baseUrl);
    const streams = await Promise.all(installation.apis.map((gateway) => watch(gateway, eventCode)));
    const untilAll = (what: string, matches: (sale: Sale) => boolean) =>
      Promise.all(streams.map((stream) => stream.untilMessage(what, matches)));

    await untilAll("nothing is sold", (sale) => stockOf(sale)?.available === 10);
    await api.purchase({ eventCode, quantity: 3 });
    await untilAll("three are sold", (sale) => stockOf(sale)?.sold === 3 && sale.pending === 0);
    await api.put(`/api/v1/inventory/${eventCode}/STANDARD`, { total: 20 });
    await untilAll("the total is higher", (sale) => stockOf(sale)?.available === 17);
    await api.put(`/api/v1/inventory/${eventCode}/VIP`, { total: 5 });
    const last = await untilAll("there is a new type", (sale) => stockOf(sale, "VIP")?.available === 5);

    assert.deepEqual(last[0]?.data.inventory, last[1]?.data.inventory);
    for (const { messages } of streams) for (const { data } of messages) await contract.checkSchema("Sale", data);
  });

  it("says when the sale is opened, paused and closed, by the clock and by people", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const change = (rules: object) => api.patch<Event>(`/api/v1/events/${eventCode}`, rules);
    const opensAtMs = Date.now() + 1_500;
    await change({ salesStart: new Date(opensAtMs).toISOString() });
    const stream = await watch(api, eventCode);
    const { data: first } = await stream.untilMessage("the state is here", () => true);
    assert.deepEqual([first.sale.state, first.sale.opensAt], ["scheduled", new Date(opensAtMs).toISOString()]);
    const opened = await stream.untilMessage("it is open", ({ sale }) => sale.state === "open");
    assert(new Date(opened.data.at).getTime() >= opensAtMs, "by the database's clock, which is this machine's");
    await change({ paused: true });
    await stream.untilMessage("it is paused", ({ sale }) => sale.state === "paused");
    await change({ paused: false, salesEnd: new Date(Date.now() + 1_000).toISOString() });
    await stream.untilMessage("it is closed", ({ sale }) => sale.state === "closed");
    const states = stream.messages.map(({ data }) => data.sale.state);
    assert.deepEqual([...new Set(states)], ["scheduled", "open", "paused", "closed"]);
  });

  it("sends at most four messages a second, under any load, with rising figures", async (t) => {
    const eventCode = await api.createEvent({ STANDARD: 100_000 });
    const stream = await watch(api, eventCode);
    await stream.untilMessage("the state is here", () => true);
    const begunAt = performance.now();
    let boughtCount = 0;
    while (performance.now() - begunAt < 3_000) {
      await Promise.all(Array.from({ length: 20 }, () => api.purchase({ eventCode, waitSeconds: 30 })));
      boughtCount += 20;
    }
    await stream.untilMessage("all is sold", (sale) => stockOf(sale)?.sold === boughtCount);
    stream.leave();
    const { messages } = stream;
    const elapsedSeconds = ((messages.at(-1)?.receivedAtMs ?? 0) - (messages[0]?.receivedAtMs ?? 0)) / 1_000;
    t.diagnostic(`${messages.length} messages in ${elapsedSeconds.toFixed(1)} s, for ${boughtCount} orders`);
    assert(messages.length <= messagesPerSecondMax * elapsedSeconds + 2, `${messages.length} in ${elapsedSeconds} s`);
    assert(messages.length >= 4);
    assert(messages.some(({ data }) => data.decidedPerSecond > 0));
    const sold = messages.map(({ data }) => stockOf(data)?.sold ?? -1);
    assert.deepEqual(
      sold,
      sold.toSorted((a, b) => a - b),
    );
  });

  it("reports only the purchases of its own event", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const other = await api.createEvent({ STANDARD: 10 });
    const stream = await watch(api, eventCode);
    const otherStream = await watch(api, other);
    await stream.untilMessage("the state is here", () => true);
    await api.purchase({ eventCode: other, waitSeconds: 10 });
    await otherStream.untilMessage("one is sold", (sale) => stockOf(sale)?.sold === 1);
    assert.deepEqual([stream.messages.length, stream.messages[0]?.data.eventCode], [1, eventCode]);
  });

  it("is refused with a problem for an unknown event", async () => {
    const answer = await api.get<Problem>(`/api/v1/events/${newKey()}/stream`);
    assert.deepEqual([answer.status, answer.body.code], [404, "event-not-found"]);
  });

  it("ends when its gateway stops", async () => {
    const eventCode = await api.createEvent({ STANDARD: 10 });
    const stopping = await startGateway(installation.environment);
    const stream = await watch({ baseUrl: stopping.url }, eventCode);
    await stream.untilMessage("the state is here", () => true);
    const exitCode = stopping.stop();
    assert.equal(await stream.ended, "ended");
    assert.equal(await exitCode, 0);
  });
});
