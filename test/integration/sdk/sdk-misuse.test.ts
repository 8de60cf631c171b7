// What the published client says about a base URL or a fetch that it cannot use: an error at once, which names the
// cure, and no request or retry.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import {
  exportOrders,
  getOrder,
  listEvents,
  purchase,
  redeliverAll,
  shareOrder,
  shareSale,
  watchOrder,
  watchSale,
} from "../../../packages/client/src/index.ts";
import { json, type ScriptedAnswer, scriptFetch } from "../../support/sdk/scripted-fetch.ts";

const baseUrl = "https://tickets.example.com";
/** The scripted fetch demands one. */
const { signal } = new AbortController();
const request = { eventCode: "EVNT-JAZZ", ticketType: "VIP", quantity: 1 };

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

const misusedUrls: readonly (readonly [string, RegExp])[] = [
  ["https://tickets.example.com/api/v1", /it should be https:\/\/tickets\.example\.com$/],
  ["https://tickets.example.com/shop/api/v1/", /it should be https:\/\/tickets\.example\.com\/shop$/],
  ["https://tickets.example.com?key=secret", /^(?!.*secret).*It should be https:\/\/tickets\.example\.com$/],
  ["", /is empty\. It should be the gateway's URL, such as /],
  [" ", /is empty\./],
  ["tickets.example.com", /is no URL of http or https: tickets\.example\.com\./],
  ["localhost:8080", /is no URL of http or https: localhost:8080\./],
  ["https://", /is no URL of http or https/],
  ["https://shop:secret@tickets.example.com", /^(?!.*secret).*apiKey/],
];

describe("the published client", () => {
  for (const [misused, message] of misusedUrls) {
    it(`refuses the base URL ${JSON.stringify(misused)}, and says what it should be`, async () => {
      const { fetch, asked } = scriptFetch();
      const client = { baseUrl: misused, fetch };
      const refusal = { name: "TypeError", message };
      await assert.rejects(getOrder(client, "1"), refusal);
      await assert.rejects(purchase(client, request), refusal);
      await assert.rejects(drain(listEvents(client)), refusal);
      await assert.rejects(drain(watchSale(client, "EVNT-JAZZ")), refusal);
      await assert.rejects(drain(shareSale(client, "EVNT-JAZZ")), refusal);
      assert.equal(asked.length, 0);
    });
  }

  it("says so when a program in JavaScript has no base URL", async () => {
    const settings: Readonly<Record<string, string>> = JSON.parse("{}");
    const { ONSALE_URL: missing } = settings;
    // @ts-expect-error a base URL is a string
    await assert.rejects(getOrder({ baseUrl: missing }, "1"), { name: "TypeError", message: /baseUrl is undefined/ });
  });

  it("adds its path to a base URL with a path and slashes at its end", async () => {
    const { fetch, asked } = scriptFetch(json(200, { id: "1", status: "CONFIRMED", version: 2 }));
    await getOrder({ baseUrl: `${baseUrl}/shop//`, fetch }, "1", { signal });
    assert.equal(asked[0]?.url.href, `${baseUrl}/shop/api/v1/orders/1`);
  });

  for (const [what, body] of [
    ["null, as without streams", null],
    ["undefined, as in React Native", undefined],
    ["a stream of Node, as of node-fetch", { on: () => undefined }],
  ] as const) {
    it(`says that a stream needs a fetch with streams, when an answer's body is ${what}`, async () => {
      const answer = (mediaType: string): ScriptedAnswer => {
        return () =>
          Object.defineProperty(new Response("", { headers: { "content-type": mediaType } }), "body", { value: body });
      };
      const refusal = { name: "TypeError", message: /this fetch gives answers without streams.*Pass a fetch that has/ };
      const events = answer("text/event-stream");
      const { fetch, asked } = scriptFetch(events, events, events, answer("application/x-ndjson"));
      const client = { baseUrl, fetch };
      await assert.rejects(drain(watchOrder(client, "1")), refusal);
      await assert.rejects(drain(watchSale(client, "EVNT-JAZZ")), refusal);
      await assert.rejects(drain(shareOrder(client, "1")), refusal);
      await assert.rejects(drain(exportOrders(client, "EVNT-JAZZ")), refusal);
      assert.equal(asked.length, 4);
    });
  }
});

describe("redeliverAll, of the published client", () => {
  it("makes as many requests as it takes, and adds up what they did", async () => {
    const { fetch, asked } = scriptFetch(
      json(202, { count: 2, created: 1, nextCursor: "abc" }),
      json(202, { count: 3, created: 0, nextCursor: null }),
    );
    const time = { from: "2030-01-01T00:00:00Z", to: "2030-01-02T00:00:00Z", includeMissed: true };
    assert.deepEqual(await redeliverAll({ baseUrl, fetch }, "7", time, { signal }), { count: 5, created: 1 });
    const bodies = asked.map(({ body = "" }) => JSON.parse(body));
    assert.deepEqual(bodies, [time, { ...time, cursor: "abc" }]);
  });
});
