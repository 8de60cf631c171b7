// Compares the published client with the OpenAPI document of a gateway: its types field by field, and every request
// that it makes.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { problemCatalogue } from "@onsale/contracts/problem";
import { rejectionReasons } from "@onsale/contracts/values";
import {
  type Client,
  cancel,
  cancelEvent,
  changeEvent,
  confirm,
  createAccessCodes,
  createEvent,
  exportOrders,
  extend,
  forgetCustomer,
  getCancellation,
  getEvent,
  getInventory,
  getOrder,
  getSales,
  history,
  listAccessCodes,
  listEvents,
  listOrders,
  moveStock,
  purchase,
  readChanges,
  revokeAccessCode,
  setTotal,
  watchOrder,
  watchSale,
} from "../../../packages/client/src/index.ts";
import { newKey } from "../../support/http/api.ts";
import { assertProblem } from "../../support/sdk/problems.ts";
import { described, problemCodes, rejectionCodes } from "../../support/sdk/sdk-types.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { startWorker } from "../../support/services/services.ts";

type Schema = Readonly<{
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly string[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: boolean;
}>;
type Operation = Readonly<{
  parameters?: readonly Readonly<{ in: string; name: string; required?: boolean }>[];
  requestBody?: Readonly<{ content: Readonly<Record<string, Readonly<{ schema: Schema }>>> }>;
  responses: Readonly<Record<string, Readonly<{ content?: Readonly<Record<string, unknown>> }>>>;
}>;
type Document = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{ schemas: Readonly<Record<string, Schema>> }>;
}>;

let document: Document;
let schemas: Readonly<Record<string, Schema>>;

function resolve(schema: Schema | undefined): Schema {
  assert(schema, "the OpenAPI document has this schema");
  return schema.$ref === undefined ? schema : resolve(schemas[schema.$ref.replace("#/components/schemas/", "")]);
}

/** A schema in the notation of `Described`. */
function describeSchema(given: Schema): unknown {
  const schema = resolve(given);
  if (Array.isArray(schema.type)) {
    const [type, ...others] = schema.type.filter((name) => name !== "null");
    assert(typeof type === "string" && others.length === 0);
    return { orNull: describeSchema({ ...schema, type }) };
  }
  if (schema.enum !== undefined) return { oneOf: Object.fromEntries(schema.enum.map((value) => [value, true])) };
  if (schema.type === "array") return [describeSchema(resolve(schema.items))];
  if (schema.type !== "object") return schema.type === "integer" ? "number" : schema.type;
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    return [schema.required?.includes(name) ? name : `${name}?`, describeSchema(field)];
  });
  return Object.fromEntries(fields);
}

/** Headers that OpenAPI does not list as parameters. */
const ordinaryHeaders = ["accept", "authorization", "content-type"];

/** Fails unless the call and its answer are as the document describes them. Returns the call's name. */
function checkCall(url: URL, init: RequestInit, response: Response): string {
  const method = init.method ?? "GET";
  const matches = (path: string) => new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(url.pathname);
  const paths = Object.keys(document.paths).filter(matches);
  const parameterCount = (path: string) => path.split("{").length;
  // A path with fewer parameters takes precedence.
  const path = paths.sort((a, b) => parameterCount(a) - parameterCount(b))[0] ?? url.pathname;
  const name = `${method} ${path}`;
  const operation = document.paths[path]?.[method.toLowerCase()];
  assert(operation, `${name} is not in the OpenAPI document`);

  const { parameters = [] } = operation;
  const headers = [...new Headers(init.headers).keys()].filter((header) => !ordinaryHeaders.includes(header));
  for (const [place, sent] of [["query", [...url.searchParams.keys()]] as const, ["header", headers] as const]) {
    const known = parameters.filter((parameter) => parameter.in === place);
    const names = known.map((parameter) => parameter.name);
    for (const one of sent) assert(names.includes(one), `${name} has no ${place} parameter ${one}`);
    for (const one of known) assert(!one.required || sent.includes(one.name), `${name} needs the ${place} ${one.name}`);
  }
  checkBody(name, operation, init.body);
  const answer = operation.responses[response.status];
  assert(answer, `${name} is not documented to answer ${response.status}`);
  const mediaType = response.headers.get("content-type")?.split(";")[0];
  assert(mediaType === undefined || mediaType in (answer.content ?? {}), `${name} does not answer ${mediaType}`);
  return name;
}

function checkBody(name: string, operation: Operation, body: unknown): void {
  const given = operation.requestBody?.content["application/json"]?.schema;
  if (given === undefined) {
    assert.equal(body, undefined, `${name} takes no body`);
    return;
  }
  const { properties = {}, required = [] } = resolve(given);
  const fields = Object.keys(JSON.parse(String(body)));
  for (const field of fields) assert(field in properties, `${name}: the body has no field ${field}`);
  for (const field of required) assert(fields.includes(field), `${name}: the body needs ${field}`);
}

describe("the published client and the OpenAPI document", () => {
  let baseUrl: string;
  let startDeciding: () => Promise<unknown>;

  before(async () => {
    const { api, environment } = await startInstallation(postgresQueues, {
      workers: 0,
      settings: { CUSTOMER_KEY: randomBytes(32).toString("base64") },
    });
    baseUrl = api.baseUrl;
    startDeciding = () => startWorker(environment);
    document = JSON.parse(await (await fetch(`${baseUrl}/openapi.json`)).text());
    schemas = document.components.schemas;
  });

  for (const [name, expected] of Object.entries(described)) {
    it(`agree on the fields of ${name}`, () => {
      assert.deepEqual(describeSchema(resolve(schemas[name])), expected);
    });
  }

  it("know the same problem codes and reasons", () => {
    assert.deepEqual(Object.keys(problemCodes).sort(), Object.keys(problemCatalogue).sort());
    assert.deepEqual(Object.keys(rejectionCodes).sort(), Object.keys(rejectionReasons).sort());
  });

  it("agree on every request that the client makes", async () => {
    const made = new Set<string>();
    const faults: unknown[] = [];
    const checkedFetch: typeof fetch = async (url, init = {}) => {
      const response = await fetch(url, init);
      try {
        made.add(checkCall(new URL(String(url)), init, response));
      } catch (fault) {
        // Not thrown, because the client would take it for a broken connection.
        faults.push(fault);
      }
      return response;
    };
    await makeEveryCall({ baseUrl, apiKey: "unused", fetch: checkedFetch }, startDeciding);
    assert.deepEqual(faults, []);
    assert.deepEqual([...made].sort(), [
      "DELETE /api/v1/customers/{customerRef}",
      "DELETE /api/v1/events/{code}/access-codes/{id}",
      "GET /api/v1/events",
      "GET /api/v1/events/{code}",
      "GET /api/v1/events/{code}/access-codes",
      "GET /api/v1/events/{code}/cancellation",
      "GET /api/v1/events/{code}/changes",
      "GET /api/v1/events/{code}/orders.ndjson",
      "GET /api/v1/events/{code}/sales",
      "GET /api/v1/events/{code}/stream",
      "GET /api/v1/inventory/{eventCode}",
      "GET /api/v1/orders",
      "GET /api/v1/orders/{id}",
      "GET /api/v1/orders/{id}/history",
      "GET /api/v1/orders/{id}/stream",
      "PATCH /api/v1/events/{code}",
      "POST /api/v1/events",
      "POST /api/v1/events/{code}/access-codes",
      "POST /api/v1/events/{code}/cancel",
      "POST /api/v1/inventory/{eventCode}/move",
      "POST /api/v1/orders/purchase",
      "POST /api/v1/orders/{id}/cancel",
      "POST /api/v1/orders/{id}/confirm",
      "POST /api/v1/orders/{id}/extend",
      "PUT /api/v1/inventory/{eventCode}/{ticketType}",
    ]);
  });
});

/** Makes every call of the client, with every option. */
async function makeEveryCall(client: Client, startDeciding: () => Promise<unknown>): Promise<void> {
  const eventCode = newKey();
  const ticketTypes = [{ ticketType: "STANDARD", total: 10, price: { amount: 4_500, currency: "EUR" } }];
  const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
  await createEvent(client, { code: eventCode, name: "A show", ...times, ticketTypes });
  const { maxPerOrder, sale } = await changeEvent(client, eventCode, { maxPerOrder: 4, salesEnd: times.startTime });
  assert.deepEqual([maxPerOrder, sale.state, sale.closesAt], [4, "open", "2030-06-01T19:00:00.000Z"]);
  const request = { eventCode, ticketType: "STANDARD", quantity: 1, customerRef: "customer-4711" };
  // Without a worker the order stays pending, so the client reads it until the deadline.
  const options = { strategy: "pessimistic", idempotencyKey: newKey(), deadlineMs: 3_000 } as const;
  const { id, version, status } = await purchase(client, request, options);
  assert.equal(status, "PENDING");
  await startDeciding();
  for await (const changed of watchOrder(client, id, { lastVersion: version })) assert.equal(changed.id, id);
  assert.equal((await getOrder(client, id)).status, "CONFIRMED");
  await purchase(client, request);
  await makeEveryChange(client, eventCode);
  await makeEveryRule(client);
  for await (const sale of watchSale(client, eventCode)) {
    assert.equal(sale.eventCode, eventCode);
    break;
  }
  let count = 0;
  for await (const _ of listOrders(client, { event: eventCode, status: "CONFIRMED", size: 1 })) count++;
  assert.equal(count, 2);
  const references = { customerRef: "customer-4711", paymentReference: "pay-1" };
  for await (const _ of listOrders(client, references)) assert.fail("pay-1 is of another customer's order");
  const ofKey = { event: eventCode, idempotencyKey: options.idempotencyKey };
  for await (const found of listOrders(client, ofKey)) assert.equal(found.id, id);
  await readBooks(client, eventCode, id);
  assert.equal(await forgetCustomer(client, "customer-4711"), 2);
  const { content, nextCursor } = await readChanges(client, eventCode, { size: 1 });
  assert.equal(content[0]?.orderId, id);
  const rest = await readChanges(client, eventCode, { after: nextCursor });
  assert.deepEqual([rest.content.length, rest.content.at(-1)?.to], [6, "CANCELLED"]);
  assert.equal((await cancelEvent(client, eventCode, { reason: "The band is ill." })).eventCode, eventCode);
  assert.equal((await getCancellation(client, eventCode)).reason, "The band is ill.");
}

/** Makes the calls about an event's books, with every option. */
async function readBooks(client: Client, eventCode: string, firstId: string): Promise<void> {
  const times = { from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
  const report = await getSales(client, eventCode, { ...times, interval: "day" });
  assert.deepEqual([report.totals[0]?.netSold, report.orders.cancelled], [2, 1]);
  const statuses: string[] = [];
  for await (const order of exportOrders(client, eventCode, times)) statuses.push(order.status);
  assert.deepEqual(statuses, ["CONFIRMED", "CONFIRMED", "CANCELLED"]);
  const rest = { ...times, status: "CONFIRMED", after: firstId } as const;
  for await (const order of exportOrders(client, eventCode, rest)) assert.notEqual(order.id, firstId);
}

/** Makes every call that changes an order, with every option. Confirms nothing that stays confirmed. */
async function makeEveryChange(client: Client, eventCode: string): Promise<void> {
  const basket = { eventCode, items: [{ ticketType: "STANDARD", quantity: 2 }], hold: true, allowPartial: true };
  const held = await purchase(client, { ...basket, holdSeconds: 60 });
  const { version } = await extend(client, held.id, 120, { ifMatch: held.version, idempotencyKey: newKey() });
  const confirmed = await confirm(client, held.id, { paymentReference: "pay-1" });
  assert.deepEqual([confirmed.version, confirmed.total?.amount], [version + 1, 9_000]);
  const one = [{ ticketType: "STANDARD", quantity: 1 }];
  const options = { items: one, reason: "A test.", ifMatch: confirmed.version, idempotencyKey: newKey() };
  await cancel(client, held.id, options);
  // A basket's items have prices, which the request must not have.
  const { status } = await cancel(client, held.id, {
    items: confirmed.items.map((item) => ({ ...item, quantity: 1 })),
  });
  assert.equal(status, "CANCELLED");
  const transitions = await history(client, held.id);
  assert.deepEqual(
    transitions.map(({ to, items }) => [to, items]),
    [
      ["HELD", undefined],
      ["HELD", undefined],
      ["CONFIRMED", undefined],
      ["CONFIRMED", one],
      ["CANCELLED", undefined],
    ],
  );
}

/** Makes every call that sets rules, with every option, in an event of its own. */
async function makeEveryRule(client: Client): Promise<void> {
  const code = newKey();
  const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
  const types = [
    { ticketType: "SEAT", total: 10, pools: ["HALL"] },
    { ticketType: "FANCLUB", total: 10, visibility: "code", maxPerCustomer: 4 },
  ] as const;
  const pools = [{ name: "HALL", total: 8 }];
  const created = await createEvent(client, { code, name: "A show", ...times, pools, ticketTypes: types });
  assert.deepEqual(created.pools, [{ name: "HALL", total: 8, available: 8 }]);
  const rules = { maxPerCustomer: 6, offerSeconds: 300, waitlistPolicy: "strict" } as const;
  const changed = await changeEvent(client, code, { ...rules, pools: [{ name: "HALL", total: 9 }] });
  assert.deepEqual([changed.maxPerCustomer, changed.offerSeconds, changed.waitlistPolicy], [6, 300, "strict"]);
  const seats = await setTotal(client, code, "SEAT", { total: 12, price: null, pools: ["HALL"], maxPerCustomer: 5 });
  assert.deepEqual([seats.available, seats.limitedBy], [9, "HALL"]);
  const moved = await moveStock(client, code, { from: "SEAT", to: "FANCLUB", quantity: 2, reason: "A test." });
  assert.deepEqual(
    moved.map(({ ticketType, total }) => [ticketType, total]),
    [
      ["FANCLUB", 12],
      ["SEAT", 10],
    ],
  );
  const uses = { ticketTypes: ["FANCLUB"], maxUses: 1 };
  const codes = await createAccessCodes(client, code, { count: 2, maxPerOrder: 6, ...uses });
  await createAccessCodes(client, code, { code: "FRIENDS", ...uses });
  const [first] = codes;
  assert(first);
  await readHiddenTypes(client, code, first.code);
  const request = { eventCode: code, ticketType: "FANCLUB", quantity: 2, customerRef: "customer-1", waitlist: true };
  const { status } = await purchase(client, { ...request, accessCode: first.code });
  assert.equal(status, "CONFIRMED");
  assert.notEqual((await revokeAccessCode(client, code, first.id)).revokedAt, null);
  const listed: [string | null, number][] = [];
  for await (const { hint, used } of listAccessCodes(client, code, { size: 2 })) listed.push([hint, used]);
  assert.deepEqual(listed, [
    [null, 0],
    [codes[1]?.hint, 0],
    [first.hint, 1],
  ]);
}

/** Makes every call that reads events and stock, with every option. FANCLUB is hidden; `accessCode` opens it. */
async function readHiddenTypes(client: Client, code: string, accessCode: string): Promise<void> {
  const typesOf = (types: readonly Readonly<{ ticketType: string }>[]) => types.map(({ ticketType }) => ticketType);
  assert.deepEqual(typesOf((await getEvent(client, code)).ticketTypes), ["SEAT"]);
  const managers = await getEvent(client, code, { hidden: true });
  assert.deepEqual([managers.code, typesOf(managers.ticketTypes)], [code, ["FANCLUB", "SEAT"]]);
  assert.deepEqual(typesOf((await getEvent(client, code, { accessCode })).ticketTypes), ["FANCLUB", "SEAT"]);
  assert.deepEqual(typesOf(await getInventory(client, code)), ["SEAT"]);
  assert.deepEqual(typesOf(await getInventory(client, code, { hidden: true })), ["FANCLUB", "SEAT"]);
  const [fanclub] = await getInventory(client, code, { accessCode });
  assert.deepEqual([fanclub?.ticketType, fanclub?.available], ["FANCLUB", 12]);
  const listed: string[] = [];
  for await (const event of listEvents(client, { size: 1 })) listed.push(event.code);
  assert.deepEqual([listed.length, listed[0]], [2, code]);
  await assertProblem(getEvent(client, "no-such-event"), 404, "event-not-found");
  await assertProblem(getInventory(client, "no-such-event"), 404, "event-not-found");
}
