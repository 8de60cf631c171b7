// Every call of the published client that sets and reads the rules of a sale, with every option.
import { strict as assert } from "node:assert";
import {
  type Client,
  changeEvent,
  createAccessCodes,
  createEvent,
  getEvent,
  getInventory,
  listAccessCodes,
  listEvents,
  moveStock,
  purchase,
  revokeAccessCode,
  setTotal,
} from "../../../packages/client/src/index.ts";
import { newKey } from "../http/api.ts";
import { assertProblem } from "./problems.ts";

/** Makes every call that sets rules, with every option, in an event of its own. */
export async function makeEveryRule(client: Client): Promise<void> {
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
