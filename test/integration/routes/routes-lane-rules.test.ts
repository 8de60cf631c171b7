// The rules that the lane keeps, over HTTP: who may not change them, and what is shown of them.
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import type { AccessCode, CreatedAccessCode } from "@onsale/contracts/access-code";
import type { ActivityPage } from "@onsale/contracts/activity";
import type { Event } from "@onsale/contracts/event";
import type { Problem } from "@onsale/contracts/problem";
import type { Db } from "@onsale/database/client";
import { newUuidV7 } from "@onsale/database/uuid";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";
import { type Answer, type Api, createApi, newKey } from "../../support/http/api.ts";
import { shiftedBy, startGateway } from "../../support/services/services.ts";

const hourMs = 3_600_000;

/** Everything that the database has about an event's rules, stock and history. */
async function readAll(db: Db, code: string): Promise<unknown> {
  const { rows } = await sql`
    SELECT to_jsonb(e) AS event,
           (SELECT jsonb_agg(to_jsonb(i) - 'version' ORDER BY i.ticket_type) FROM inventory i WHERE i.event_id = e.id) AS stock,
           (SELECT count(*) FROM ledger l WHERE l.event_id = e.id) AS ledger,
           (SELECT count(*) FROM activities a WHERE a.event_id = e.id) AS activities,
           (SELECT count(*) FROM access_codes c WHERE c.event_id = e.id) AS codes
    FROM events e WHERE e.code = ${code}`.execute(db);
  return rows;
}

describe("the rules of an event that the lane keeps", () => {
  let databaseUrl: string;
  let environment: Record<string, string>;
  let db: Db;
  let api: Api;

  before(async () => {
    databaseUrl = await createTestDatabase();
    environment = { DATABASE_URL: databaseUrl, CUSTOMER_KEY: randomBytes(32).toString("base64") };
    db = connect(databaseUrl);
    api = createApi((await startGateway(environment)).url);
  });

  const changesOf = (code: string): readonly (() => Promise<Answer<Problem>>)[] => [
    () => api.patch(`/api/v1/events/${code}`, { paused: true }),
    () => api.patch(`/api/v1/events/${code}`, { salesEnd: null, name: "Another show" }),
    () => api.patch(`/api/v1/events/${code}`, { maxPerCustomer: 3 }),
    () => api.patch(`/api/v1/events/${code}`, { pools: [{ name: "HALL", total: 9 }] }),
    () => api.put(`/api/v1/inventory/${code}/STANDARD`, { total: 9 }),
    () => api.put(`/api/v1/inventory/${code}/STANDARD`, { total: 10, visibility: "code" }),
    () => api.put(`/api/v1/inventory/${code}/NEW`, { total: 9, maxPerCustomer: 2 }),
    () => api.post(`/api/v1/inventory/${code}/move`, { from: "VIP", to: "STANDARD", quantity: 1, reason: "a test" }),
    () => api.post(`/api/v1/events/${code}/access-codes`, { count: 1, ticketTypes: ["VIP"], maxUses: 1 }),
  ];

  it("stay as they are once it is cancelled; its name can be changed, and codes revoked", async () => {
    const plain = await api.createEvent({ STANDARD: 10, VIP: 5 });
    const ruled = await api.createEvent({ STANDARD: 10, VIP: 5 });
    await api.patch(`/api/v1/events/${ruled}`, { pools: [{ name: "HALL", total: 20 }], maxPerCustomer: 4 });
    const wish = { count: 1, ticketTypes: ["VIP"], maxUses: 1 };
    const [code] = (await api.post<CreatedAccessCode[]>(`/api/v1/events/${ruled}/access-codes`, wish)).body;
    assert(code);
    for (const event of [plain, ruled]) {
      await api.post(`/api/v1/events/${event}/cancel`, { reason: "The band is ill." });
      const before = await readAll(db, event);
      for (const [index, change] of changesOf(event).entries()) {
        const { status, body } = await change();
        assert.deepEqual([status, body.code], [409, "event-cancelled"], `change ${index} of ${event}`);
      }
      assert.deepEqual(await readAll(db, event), before);
      const renamed = await api.patch<Event>(`/api/v1/events/${event}`, { name: "Cancelled: a show" });
      assert.deepEqual([renamed.status, renamed.body.name], [200, "Cancelled: a show"]);
    }
    const revoked = await api.delete<AccessCode>(`/api/v1/events/${ruled}/access-codes/${code.id}`);
    assert.notEqual(revoked.body.revokedAt, null);
  });

  it("are not changed by a code that it does not have", async () => {
    const event = await api.createEvent({ STANDARD: 10 });
    const before = await readAll(db, event);
    assert.equal((await api.delete(`/api/v1/events/${event}/access-codes/123456`)).status, 404);
    assert.deepEqual(await readAll(db, event), before);
  });

  const makeCodes = async (event: string, wish: object) => {
    const path = `/api/v1/events/${event}/access-codes`;
    return (await api.post<CreatedAccessCode[]>(path, { ticketTypes: ["VIP"], maxUses: 1, ...wish })).body;
  };

  it("show no part of a short access code", async () => {
    const event = await api.createEvent({ VIP: 5 });
    const codes = [
      await makeCodes(event, { code: "SECRET" }),
      await makeCodes(event, { code: "A-LONGER-CODE" }),
    ].flat();
    assert.deepEqual(
      codes.map(({ hint }) => hint),
      [null, "CODE"],
    );
    const listed = await api.get<{ content: AccessCode[] }>(`/api/v1/events/${event}/access-codes`);
    assert.deepEqual(
      listed.body.content.map(({ hint }) => hint),
      ["CODE", null],
    );
  });

  it("show of many codes that were made together the number and the first ones in the activity log", async () => {
    const event = await api.createEvent({ VIP: 5 });
    const many = await makeCodes(event, { count: 300 });
    const { body } = await api.get<ActivityPage>(`/api/v1/events/${event}/activity?size=1`);
    const ids = many.slice(0, 5).map(({ id }) => id);
    assert.deepEqual(body.content[0]?.detail, { count: 300, ids });
  });

  it("wait for all processes, also when a rule is removed or only the waiting list is set", async () => {
    const event = await api.createEvent({ STANDARD: 10 });
    // A worker of the version before, which stays.
    const id = newUuidV7();
    await sql`
      INSERT INTO processes (id, kind, host, pid, version, started_at, seen_at, figures, capability)
      VALUES (${id}, 'worker', 'host', 1, '0.0.1', now(), now() + interval '1 hour', '{}', 2)`.execute(db);
    try {
      const gateway = createApi((await startGateway(environment)).url);
      const before = await readAll(db, event);
      const type = { ticketType: "VIP", total: 1, maxPerCustomer: null };
      const times = { startTime: "2030-06-01T19:00:00Z", endTime: "2030-06-01T23:00:00Z" };
      const answers = [
        await gateway.patch<Problem>(`/api/v1/events/${event}`, { offerSeconds: 60 }),
        await gateway.patch<Problem>(`/api/v1/events/${event}`, { maxPerCustomer: null }),
        await gateway.put<Problem>(`/api/v1/inventory/${event}/STANDARD`, { total: 10, maxPerCustomer: null }),
        await gateway.post<Problem>("/api/v1/events", { code: newKey(), name: "A", ...times, ticketTypes: [type] }),
        await gateway.post<Problem>("/api/v1/events", { code: newKey(), name: "A", ...times, offerSeconds: 60 }),
      ];
      for (const { status, body } of answers) assert.deepEqual([status, body.code], [503, "upgrade-in-progress"]);
      assert.deepEqual(await readAll(db, event), before);
      assert.equal((await gateway.patch(`/api/v1/events/${event}`, { maxPerOrder: null })).status, 200);
    } finally {
      await sql`DELETE FROM processes WHERE id = ${id}`.execute(db);
    }
  });

  it("and its default end go by PostgreSQL's clock", async () => {
    const fast = createApi((await startGateway({ ...environment, ...shiftedBy(hourMs) })).url);
    const endTime = new Date(Date.now() + hourMs / 2).toISOString();
    const event = { code: newKey(), name: "A show", startTime: new Date().toISOString(), endTime };
    const { body } = await fast.post<Event>("/api/v1/events", event);
    assert.deepEqual(body.sale, { state: "open", opensAt: null, closesAt: endTime });
  });
});
