import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { it } from "node:test";
import { createServerFolder, startOwnPostgres } from "../../support/database/servers/own-postgres.ts";
import { createApi } from "../../support/http/api.ts";
import { createCli } from "../../support/services/program.ts";
import { startAdmin, startGateway, startNotifier, startWorker } from "../../support/services/services.ts";

it("every process reaches a database behind a Unix socket, by each form of its URL", async () => {
  const folder = createServerFolder();
  chmodSync(folder, 0o777);
  const settings = { unix_socket_directories: folder, listen_addresses: "" };
  const { username, password, port } = new URL((await startOwnPostgres({ settings })).url);
  const folderAsHost = `postgresql://${username}:${password}@${encodeURIComponent(folder)}:${port}/postgres`;
  const folderAsParameter = `postgresql://${username}:${password}@/postgres?host=${folder}&port=${port}`;
  const allAsParameters = `postgres:///postgres?host=${folder}&port=${port}&user=${username}&password=${password}`;

  const common = { WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"), ADMIN_PASSWORD: "correct horse battery" };
  const [gateway, , notifier, admin] = await Promise.all([
    startGateway({ ...common, DATABASE_URL: folderAsHost }),
    startWorker({ ...common, DATABASE_URL: folderAsParameter }),
    startNotifier({ ...common, DATABASE_URL: allAsParameters }),
    startAdmin({ ...common, DATABASE_URL: folderAsParameter }),
  ]);
  const api = createApi(gateway.url);
  const eventCode = await api.createEvent({ STANDARD: 2 });
  const { status, body } = await api.purchase({ eventCode, waitSeconds: 10 });
  assert.deepEqual([status, body.status], [200, "CONFIRMED"]);
  assert.equal((await fetch(`${notifier.url}/readyz`)).status, 200);
  assert.equal((await fetch(`${admin.url}/login`)).status, 200);

  for (const url of [folderAsHost, folderAsParameter, allAsParameters]) {
    const cli = createCli({ DATABASE_URL: url, ONSALE_URL: gateway.url });
    const [accounts, doctor] = await Promise.all([cli.run("accounts", "list"), cli.run("doctor")]);
    assert.equal(accounts.code, 0, accounts.stderr);
    const place = `PostgreSQL .* answers at ${folder}:${port}/postgres`;
    assert.match(doctor.stdout, new RegExp(place));
  }
});
