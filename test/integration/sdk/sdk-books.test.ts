// Exports with the published client, against connections that break where real ones break rarely.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { exportOrders, ProblemError } from "../../../packages/client/src/index.ts";
import { json, problem, refusal, type ScriptedAnswer, scriptFetch } from "../../support/sdk/scripted-fetch.ts";

const baseUrl = "https://tickets.example.com";
const order = (id: string) => ({ id, status: "CONFIRMED", version: 2 });
const end = (orders: number) => ({ end: { orders } });

/** An answer with these lines, in pieces of seven bytes, which then ends or breaks. */
function lines(values: readonly object[], then: "ends" | "breaks" = "ends", cut = 0): ScriptedAnswer {
  const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
  const bytes = new TextEncoder().encode(cut === 0 ? text : text.slice(0, -cut));
  return () => {
    let place = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (place < bytes.length) controller.enqueue(bytes.slice(place, place + 7));
        else if (then === "breaks") controller.error(new TypeError("terminated"));
        else controller.close();
        place += 7;
      },
    });
    return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
  };
}

async function idsOf(fetch: typeof globalThis.fetch, options = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of exportOrders({ baseUrl, fetch }, "EVNT/1", options)) ids.push(id);
  return ids;
}

describe("exportOrders, of the published client", () => {
  it("yields the orders of a complete export", async () => {
    const { fetch, asked } = scriptFetch(lines([order("é"), order("b"), end(2)]));
    assert.deepEqual(await idsOf(fetch, { status: "CONFIRMED", from: "2030-01-01T00:00:00Z" }), ["é", "b"]);
    const [{ url } = { url: new URL(baseUrl) }] = asked;
    assert.equal(url.pathname, "/api/v1/events/EVNT%2F1/orders.ndjson");
    assert.deepEqual(
      [...url.searchParams],
      [
        ["status", "CONFIRMED"],
        ["from", "2030-01-01T00:00:00Z"],
      ],
    );
  });

  it("continues after the last order when a connection breaks, or ends in the middle of a line", async () => {
    const { fetch, asked } = scriptFetch(
      refusal,
      lines([order("a"), order("b")], "breaks"),
      lines([order("c"), order("d")], "ends", 5),
      json(503, problem(503, "overloaded", true), { "retry-after": "0" }),
      lines([order("d"), end(1)]),
    );
    assert.deepEqual(await idsOf(fetch, { after: "0" }), ["a", "b", "c", "d"]);
    assert.deepEqual(
      asked.map(({ url }) => url.searchParams.get("after")),
      ["0", "0", "b", "c", "c"],
    );
  });

  it("is not complete when orders are missing, or the last line is", async () => {
    const { fetch, asked } = scriptFetch(lines([end(1)]), lines([]), lines([order("a"), end(1)]));
    assert.deepEqual([await idsOf(fetch), asked.length], [["a"], 3]);
  });

  it("throws what a retry would not change", async () => {
    const { fetch } = scriptFetch(json(404, problem(404, "event-not-found", false)));
    await assert.rejects(idsOf(fetch), ProblemError);
  });
});
