import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type LoadPlan, type RequestPlan, requestCountOf } from "./plan.ts";
import { createRenderer, eventIndexOf, scramble } from "./request.ts";

function plan(request: RequestPlan): LoadPlan {
  return { port: 8080, connections: 1, seconds: 1, requestCountMax: 10, offset: 0, stride: 1, request };
}

const purchase = { kind: "purchase", hotTenths: 9, otherCount: 1_000, keySuffix: "abcdef012345" } as const;

function parse(bytes: Buffer) {
  const [head = "", body = ""] = bytes.toString().split("\r\n\r\n");
  const key = /^idempotency-key: (\S+)\r?$/m.exec(head)?.[1];
  const length = Number(/^content-length: (\d+)\r?$/m.exec(head)?.[1]);
  return { head, key, length, body, eventCode: JSON.parse(body).eventCode };
}

test("each request has a unique key and a correct length", () => {
  const render = createRenderer(plan(purchase));
  const requests = Array.from({ length: 100 }, (_, number) => parse(render(number)));
  assert.equal(new Set(requests.map(({ key }) => key)).size, 100);
  for (const { body, length } of requests) assert.equal(body.length, length);
  assert.equal(requests.filter(({ eventCode }) => eventCode === "BENCH-0000").length, 90);
  assert.equal(new Set(requests.map(({ eventCode }) => eventCode)).size, 11);
});

test("a replay sends the earlier keys again", () => {
  const render = createRenderer(plan({ ...purchase, keyCount: 7 }));
  assert.equal(parse(render(3)).key, parse(render(10)).key);
});

test("a waiting purchase has Prefer: wait", () => {
  const { head } = parse(createRenderer(plan({ ...purchase, waitSeconds: 5 }))(0));
  assert.match(head, /^prefer: wait=5\r$/m);
});

test("an order names its customer, and each tenth one is a customer's second order", () => {
  const render = createRenderer(plan({ ...purchase, namesCustomers: true }));
  const customers = Array.from({ length: 1_000 }, (_, number) => JSON.parse(parse(render(number)).body).customerRef);
  assert.match(customers[0], /^customer-[0-9a-f]{8}$/);
  assert.equal(new Set(customers).size, 910);
  assert.equal(customers[209], customers[108]);
});

test("polls use the paths in turn", () => {
  const render = createRenderer(plan({ kind: "get", paths: ["/a", "/b"] }));
  assert.match(render(3).toString(), /^GET \/b HTTP\/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n$/);
});

const ids = Array.from({ length: 3 }, (_, index) => `01900000-0000-7000-8000-00000000000${index}`);

test("each order is confirmed once, with its own payment reference", () => {
  const render = createRenderer(plan({ kind: "transition", action: "confirm", orderIds: ids }));
  for (const [number, id] of ids.entries()) {
    const [head = "", body = ""] = render(number).toString().split("\r\n\r\n");
    assert.match(head, new RegExp(`^POST /api/v1/orders/${id}/confirm HTTP/1.1\r\n`));
    assert.match(head, new RegExp(`^content-length: ${body.length}$`, "m"));
    assert.deepEqual(JSON.parse(body), { paymentReference: `pay-${id}` });
  }
  assert.throws(() => render(ids.length), RangeError);
});

test("purchases and cancellations alternate, as many of each as there are orders", () => {
  const transition = { kind: "transition", action: "cancel", orderIds: ids } as const;
  const request = { kind: "alternate", purchase: { ...purchase, hotTenths: 10, hold: true }, transition } as const;
  const render = createRenderer(plan(request));
  const sent = Array.from({ length: requestCountOf(request) ?? 0 }, (_, number) => render(number).toString());
  const purchases = sent.filter((_, number) => number % 2 === 0).map((text) => parse(Buffer.from(text)));
  assert.equal(new Set(purchases.map(({ key }) => key)).size, ids.length);
  for (const { body } of purchases) assert.equal(JSON.parse(body).hold, true);
  const paths = sent.filter((_, number) => number % 2 === 1).map((text) => text.split(" ")[1]);
  assert.deepEqual(
    paths,
    ids.map((id) => `/api/v1/orders/${id}/cancel`),
  );
});

test("the other events are equally frequent", () => {
  const counts = new Map<number, number>();
  for (let number = 0; number < 5_000; number++) {
    const index = eventIndexOf(number, 0, 1_000);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  assert.equal(counts.size, 1_000);
  assert.deepEqual(new Set(counts.values()), new Set([5]));
});

test("scrambled numbers are unique", () => {
  const scrambled = new Set(Array.from({ length: 50_000 }, (_, number) => scramble(number)));
  assert.equal(scrambled.size, 50_000);
});
