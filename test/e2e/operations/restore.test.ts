// The restore drill of docs/operations.md: a base backup that was taken during a sale, and the WAL since then, make a
// new server as the old one was at a chosen moment, which audits its sale and goes on selling.
import { strict as assert } from "node:assert";
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Order } from "@onsale/contracts/order";
import { sql } from "kysely";
import { connect } from "../../support/database/database.ts";
import {
  createOldestFolder,
  giveToServer,
  runOldestProgram,
  startCluster,
  startOldestServer,
  withoutOldestPostgres,
} from "../../support/database/servers/oldest-postgres.ts";
import { type Api, createApi, newKey } from "../../support/http/api.ts";
import { startGateway, startWorker } from "../../support/services/services.ts";
import { untilTrue } from "../../support/until.ts";

type Bought = Readonly<{ key: string; order: Order }>;

const total = 120;
const restorePoint = "before the mistake";

describe("a restored backup", { skip: withoutOldestPostgres }, () => {
  let restored: Api;
  let restoredUrl: string;
  let code: string;
  let kept: readonly Bought[];
  let lost: readonly Bought[];
  let held: Bought;

  before(async () => {
    const [archive, folder] = [createOldestFolder(), createOldestFolder()];
    const archiving = { archive_mode: "on", archive_command: `cp %p ${archive}/%f` };
    const server = await startOldestServer(archiving);
    const { gateway, worker, api } = await startServices(server.url);
    code = await api.createEvent({ STANDARD: total });
    const early = await buy(api, code, 20);
    const cluster = join(folder, "cluster");
    const { port } = new URL(server.url);
    const target = ["-h", "127.0.0.1", "-p", port, "-U", "onsale", "-D", cluster];
    const [during] = await Promise.all([
      buy(api, code, 20),
      runOldestProgram("pg_basebackup", [...target, "--checkpoint=fast"]),
    ]);
    held = await hold(api, code);
    kept = [...early, ...during, ...(await buy(api, code, 20))];
    const db = connect(server.url, 1);
    await sql`SELECT pg_create_restore_point(${restorePoint})`.execute(db);
    lost = await buy(api, code, 10);
    await untilArchived(server.url);
    await Promise.all([gateway.stop(), worker.stop()]);
    await db.destroy();
    await server.stop();

    const settings = [
      `restore_command = 'cp ${archive}/%f %p'`,
      `recovery_target_name = '${restorePoint}'`,
      "recovery_target_action = 'promote'",
    ];
    appendFileSync(join(cluster, "postgresql.auto.conf"), `${settings.join("\n")}\n`);
    writeFileSync(join(cluster, "recovery.signal"), "");
    assert(readdirSync(archive).length > 0);
    giveToServer(folder);
    restoredUrl = (await startCluster(cluster)).url;
    await untilWritable(restoredUrl);
    restored = (await startServices(restoredUrl)).api;
  });

  it("has every order up to the chosen moment and none after it, and its audit replays the sale", async () => {
    const audit = await restored.assertSound(code);
    assert.equal(audit.orders.total, kept.length + 1);
    for (const { order } of [...kept, held]) assert.deepEqual(await restored.order(order.id), order);
    for (const { order } of lost) assert.equal((await restored.get(`/api/v1/orders/${order.id}`)).status, 404);
  });

  it("answers the same keys with the same orders, and sells under those that it has lost", async () => {
    const [known, unknown] = [kept.at(-1), lost[0]];
    const again = await restored.purchase({ eventCode: code, key: known?.key ?? "", waitSeconds: 10 });
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(again.body.id, known?.order.id);
    const anew = await restored.purchase({ eventCode: code, key: unknown?.key ?? "", waitSeconds: 10 });
    assert.deepEqual([anew.body.status, anew.headers.get("idempotent-replayed")], ["CONFIRMED", null]);
    assert.notEqual(anew.body.id, unknown?.order.id);
  });

  it("goes on selling in arrival order, until exactly all tickets are sold", async () => {
    const confirmed = await restored.post<Order>(`/api/v1/orders/${held.order.id}/confirm`, {});
    assert.equal(confirmed.body.status, "CONFIRMED");
    await buy(restored, code, total);
    const db = connect(restoredUrl, 1);
    const { rows } = await sql<{ isRising: boolean }>`
      SELECT min(seq) FILTER (WHERE NOT is_kept) > max(seq) FILTER (WHERE is_kept) AS "isRising"
      FROM (SELECT seq, id = ANY(${kept.map(({ order }) => order.id)}::uuid[]) AS is_kept
            FROM orders WHERE id <> ${held.order.id}::uuid) AS numbered`.execute(db);
    assert.equal(rows[0]?.isRising, true);
    const [stock] = await restored.inventory(code);
    assert.deepEqual([stock?.sold, stock?.available], [total, 0]);
    await restored.assertSound(code);
  });
});

async function startServices(databaseUrl: string) {
  const environment = { DATABASE_URL: databaseUrl };
  const [gateway, worker] = await Promise.all([startGateway(environment), startWorker(environment)]);
  return { gateway, worker, api: createApi(gateway.url) };
}

function buy(api: Api, eventCode: string, count: number): Promise<Bought[]> {
  const one = async (): Promise<Bought> => {
    const key = newKey();
    const { body } = await api.purchase({ eventCode, key, waitSeconds: 20 });
    return { key, order: await api.order(body.id) };
  };
  return Promise.all(Array.from({ length: count }, one));
}

async function hold(api: Api, eventCode: string): Promise<Bought> {
  const key = newKey();
  const headers = { "idempotency-key": key, prefer: "wait=20" };
  const body = { eventCode, ticketType: "STANDARD", quantity: 1, hold: true };
  const { body: order } = await api.post<Order>("/api/v1/orders/purchase", body, headers);
  assert.equal(order.status, "HELD");
  return { key, order: await api.order(order.id) };
}

/** Waits until the WAL so far is in the archive. */
async function untilArchived(url: string): Promise<void> {
  const db = connect(url, 1);
  const { rows } = await sql<{ name: string }>`SELECT pg_walfile_name(pg_switch_wal()) AS name`.execute(db);
  const name = rows[0]?.name ?? "";
  await untilTrue(`${name} is archived`, async () => {
    const { rows: found } = await sql<{ isDone: boolean }>`
      SELECT last_archived_wal >= ${name} AS "isDone" FROM pg_stat_archiver`.execute(db);
    return found[0]?.isDone === true;
  });
}

/** Waits until the recovery has ended. */
async function untilWritable(url: string): Promise<void> {
  const db = connect(url, 1);
  await untilTrue("the recovery has ended", async () => {
    const { rows } = await sql<{ isOver: boolean }>`SELECT NOT pg_is_in_recovery() AS "isOver"`.execute(db);
    return rows[0]?.isOver === true;
  });
}
