// `onsale doctor` on a primary with a standby: which host is what, and what a failover could lose.
import { strict as assert } from "node:assert";
import { before, describe, it } from "node:test";
import { migrate } from "@onsale/database/migrate";
import { endWithSuite } from "../../support/cleanup.ts";
import { ask } from "../../support/database/servers/ask.ts";
import {
  type ReplicatedPostgres,
  startReplicatedPostgres,
  withHosts,
} from "../../support/database/servers/replicated-postgres.ts";
import { createCli } from "../../support/services/program.ts";
import { newDataDir } from "../../support/services/standalone.ts";
import { until } from "../../support/until.ts";

type Finding = Readonly<{ check: string; outcome: string; detail: string; advice?: string }>;

/** Runs the doctor, and returns its exit code and the finding of a check. */
async function examine(databaseUrl: string, check: string) {
  const cli = createCli({ DATA_DIR: newDataDir(), DATABASE_URL: databaseUrl });
  const { code, stdout } = await cli.run("doctor", "--json");
  const findings: Finding[] = JSON.parse(stdout);
  const found = findings.find((finding) => finding.check === check);
  return { code, stdout, outcome: found?.outcome, detail: found?.detail ?? "", advice: found?.advice ?? "" };
}

const nameOf = (url: string) => new URL(url).host;

describe("onsale doctor, about standbys", () => {
  endWithSuite();
  let servers: ReplicatedPostgres;

  before(async () => {
    servers = await startReplicatedPostgres();
    await migrate(servers.hostsUrl);
  });

  it("finds nothing wrong with a synchronous one, and says which host is which", async () => {
    const [standbys, hosts] = await Promise.all([
      examine(servers.hostsUrl, "standbys"),
      examine(servers.hostsUrl, "servers"),
    ]);
    assert.deepEqual([standbys.outcome, standbys.detail], ["ok", "commits wait for a standby: standby (sync)"]);
    const roles = `${nameOf(servers.standby.url)} is a standby, ${nameOf(servers.primary.url)} is the primary`;
    assert.deepEqual([hosts.outcome, hosts.detail, hosts.code], ["ok", roles, 0]);
  });

  it("warns about a host that does not answer, and shows no password", async () => {
    const url = withHosts(servers.primary.url, [servers.primary.url, "postgres://127.0.0.1:1"]);
    const { outcome, detail, code, stdout } = await examine(url, "servers");
    assert.deepEqual([outcome, code], ["warning", 0]);
    assert.match(detail, / is the primary, 127\.0\.0\.1:1 cannot be used \(nothing answers at 127\.0\.0\.1:1\)$/);
    assert(!stdout.includes(new URL(servers.primary.url).password));
  });

  it("fails when no host takes writes, and says what each is", async () => {
    const url = withHosts(servers.primary.url, [servers.standby.url, "postgres://127.0.0.1:1"]);
    const [database, hosts] = await Promise.all([examine(url, "database"), examine(url, "servers")]);
    assert.deepEqual([database.outcome, hosts.outcome, hosts.code], ["failed", "failed", 1]);
    assert.match(database.detail, /cannot be used: no server takes writes: .* is a standby, 127\.0\.0\.1:1 refuses/);
    assert.match(hosts.detail, /^no server takes writes: .* is a standby, 127\.0\.0\.1:1 cannot be used/);
  });

  it("says what a role may not see", async () => {
    await ask(
      servers.primary.url,
      "CREATE ROLE seller LOGIN PASSWORD 'secret' IN ROLE pg_read_all_data, pg_write_all_data",
    );
    const url = Object.assign(new URL(servers.primary.url), { username: "seller", password: "secret" }).href;
    const { outcome, detail, advice } = await examine(url, "standbys");
    assert.equal(outcome, "warning");
    assert.match(detail, /^this role may not see whether commits wait for a standby: /);
    assert.match(advice, /GRANT pg_monitor/);
  });

  it("warns about an asynchronous one, and says plainly what can be lost", async () => {
    const asynchronous = await startReplicatedPostgres("");
    await migrate(asynchronous.primary.url);
    const { outcome, detail, advice, code } = await examine(asynchronous.primary.url, "standbys");
    assert.deepEqual([outcome, detail, code], ["warning", "commits wait for no standby: standby (async)", 0]);
    assert.match(advice, /orders of the last moments before are lost, although buyers were told/);
    assert.match(advice, /synchronous_standby_names = 'ANY 1 \(\*\)', see docs\/failover\.md/);
    await asynchronous.standby.stop();
    const without = await until("the standby is gone", async () => {
      const found = await examine(asynchronous.primary.url, "standbys");
      return found.outcome === "ok" ? found : undefined;
    });
    assert.equal(without.detail, "no standby follows this server");
  });
});
