// Events in the console over HTTP: what is refused, and changes nothing.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import type { CodePage } from "@onsale/admin/console/messages/event-messages";
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";
import { type AdminClient, logIn, startAdminService } from "../../support/browser/admin.ts";
import { createEventAdmin, type EventAdmin, send } from "../../support/browser/event-admin.ts";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { createTestEvent } from "../../support/database/factories.ts";

const readOnlyPassword = "a password of a reader";
const customerKey = Buffer.alloc(32, 7);

describe("events in the console", () => {
  let databaseUrl: string;
  let db: Db;
  let admin: AdminClient;
  let events: EventAdmin;

  before(async () => {
    databaseUrl = await createTestDatabase();
    db = connect(databaseUrl);
    const environment = { DATABASE_URL: databaseUrl, CUSTOMER_KEY: customerKey.toString("base64") };
    admin = await logIn((await startAdminService(environment)).url);
    events = createEventAdmin(admin);
  });

  const badInput: readonly (readonly [path: string, body: unknown, status: number, words: RegExp])[] = [
    ["sale", { action: "stop" }, 400, /action must be/],
    ["sale", {}, 400, /action is missing/],
    ["window", { salesStart: "soon", salesEnd: null }, 400, /salesStart must be a real time .*, such as 2030-/],
    ["window", { salesStart: "2030-06-30T23:59:60Z", salesEnd: null }, 400, /salesStart must be a real time/],
    ["window", { salesStart: null }, 400, /salesEnd is missing/],
    ["ticket-types/STANDARD", { total: null }, 400, /total must be/],
    ["ticket-types/STANDARD", { total: "0" }, 400, /total must be/],
    ["ticket-types/STANDARD", { total: -1 }, 400, /total must be/],
    ["ticket-types/OTHER", { total: 5 }, 404, /no ticket type OTHER/],
    ["ticket-types/VIP", { total: 2, price: { amount: 1.5, currency: "EUR" } }, 400, /price\/amount must be/],
    ["ticket-types/VIP", { total: 2, price: { amount: 1, currency: "euro" } }, 400, /price\/currency must/],
    ["ticket-types", { ticketType: "VIP", total: 2 }, 409, /has the ticket type VIP already/],
    ["ticket-types", { ticketType: "no spaces", total: 2 }, 400, /ticketType must/],
    ["ticket-types", { ticketType: "NEW", total: 2, pools: ["HALL"] }, 404, /no pool HALL/],
    ["rules", { maxPerOrder: 0 }, 400, /maxPerOrder must/],
    ["rules", { offerSeconds: 5 }, 400, /offerSeconds must/],
    ["rules", { waitlistPolicy: "none" }, 400, /waitlistPolicy must be/],
    ["rules", { maxPerOrders: 3 }, 400, /maxPerOrders is no known field/],
    ["pools/HALL", { total: 5 }, 404, /no pool HALL/],
    ["moves", { from: "STANDARD", to: "OTHER", quantity: 1, reason: "x" }, 404, /no ticket type OTHER/],
    ["moves", { from: "STANDARD", to: "STANDARD", quantity: 1, reason: "x" }, 400, /two ticket types/],
    ["moves", { from: "STANDARD", to: "VIP", quantity: true, reason: "x" }, 400, /quantity must be/],
    ["moves", { from: "STANDARD", to: "VIP", quantity: 1, reason: "\u202e" }, 400, /must have a visible character/],
    ["access-codes", { ticketTypes: ["STANDARD"], maxUses: 1 }, 400, /^Give a code of your own/],
    ["access-codes", { count: 1, ticketTypes: ["OTHER"], maxUses: 1 }, 404, /no ticket type OTHER/],
    ["access-codes/1000000/revoke", {}, 404, /no such access code/],
    ["cancel", { code: "x" }, 400, /reason is missing/],
  ];

  it("stay as they are after bad input", async () => {
    const event = await createTestEvent(db, { STANDARD: 10, VIP: 2 });
    const before = await events.read(event.id);
    for (const [path, body, status, words] of badInput) {
      const [actual, message] = await events.change(event, path, body);
      assert.equal(actual, status, `${path}: ${message}`);
      assert.match(message, words);
    }
    assert.equal((await send(admin, "/api/events/1000000/sale", { action: "pause" })).status, 404);
    await sql`
      INSERT INTO processes (id, kind, host, pid, version, started_at, seen_at, figures, capability)
      VALUES (gen_random_uuid(), 'worker', 'old', 1, '0.0.1', now(), now(), '{}', 2)`.execute(db);
    const [status, message] = await events.change(event, "sale", { action: "pause" });
    assert.deepEqual([status, /once all processes have this version/.test(message)], [503, true]);
    await sql`DELETE FROM processes WHERE host = 'old'`.execute(db);
    assert.deepEqual(await events.read(event.id), before);
    assert.deepEqual(await events.activities(event), []);
  });

  it("are not changed from other sites, without a session, in read-only mode, or coded without CUSTOMER_KEY", async () => {
    const event = await createTestEvent(db, { STANDARD: 10 });
    const environment = { DATABASE_URL: databaseUrl, ADMIN_PASSWORD: readOnlyPassword };
    const [readOnlyService, keylessService] = await Promise.all([
      startAdminService({ ...environment, ADMIN_READ_ONLY: "1" }),
      startAdminService(environment),
    ]);
    const [reader, keyless] = await Promise.all([
      logIn(readOnlyService.url, readOnlyPassword),
      logIn(keylessService.url, readOnlyPassword),
    ]);
    const stranger = {
      ...admin,
      send: (method: string, path: string, _: unknown, body?: string) =>
        admin.send(method, path, { cookie: "", origin: "http://127.0.0.1", "sec-fetch-site": "same-origin" }, body),
    };
    for (const [path, body] of [
      ["sale", { action: "pause" }],
      ["window", { salesStart: null, salesEnd: "2030-01-01T00:00:00Z" }],
      ["ticket-types/STANDARD", { total: 5 }],
      ["pools/HALL", { total: 5 }],
      ["rules", { maxPerOrder: 1 }],
      ["ticket-types", { ticketType: "NEW", total: 1 }],
      ["audit", {}],
      ["moves", { from: "STANDARD", to: "VIP", quantity: 1, reason: "x" }],
      ["access-codes", { count: 1, ticketTypes: ["STANDARD"], maxUses: 1 }],
      ["access-codes/1/revoke", {}],
      ["cancel", { reason: "rain", code: event.code }],
    ] as const) {
      const whole = `/api/events/${event.id}/${path}`;
      assert.equal((await send(admin, whole, body, { origin: "https://evil.example.com" })).status, 403, path);
      assert.equal((await send(stranger, whole, body)).status, 401, path);
      const refused = await send(reader, whole, body);
      assert.deepEqual([refused.status, /ADMIN_READ_ONLY/.test(refused.message)], [403, true], path);
    }
    const codes = `/api/events/${event.id}/access-codes`;
    const made = await send(keyless, codes, { count: 1, ticketTypes: ["STANDARD"], maxUses: 1 });
    assert.deepEqual([made.status, /CUSTOMER_KEY/.test(made.message)], [409, true]);
    const limited = await send(keyless, `/api/events/${event.id}/rules`, { maxPerCustomer: 2 });
    assert.deepEqual([limited.status, /CUSTOMER_KEY/.test(limited.message)], [409, true]);
    const page: CodePage = await keyless.get(codes);
    assert.deepEqual(page, { codes: [], next: null, canCreate: false });
    assert.deepEqual(await events.activities(event), []);
    assert.equal((await events.read(event.id)).saleState, "open");
  });
});
