import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { before, it } from "node:test";
import { startFaultyProxy } from "../../support/http/faulty-proxy.ts";
import { describePipeline } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { type Ended, startProgram } from "../../support/services/program.ts";

describePipeline("npm run demo -- --scenario", (backend) => {
  let fanclub: Ended;
  let family: Ended;
  let waitlist: Ended;
  let withoutAudit: Ended;

  // At the same time, because each mostly waits.
  before(async () => {
    const settings = { SOLD_OUT: "refuse", CUSTOMER_KEY: randomBytes(32).toString("base64") };
    const { api } = await startInstallation(backend, { settings });
    const refusesAudits = await startFaultyProxy(api.baseUrl, ({ url: path = "" }, response) => {
      if (!path.endsWith("/audit")) return false;
      response.writeHead(403).end();
      return true;
    });
    [fanclub, family, waitlist, withoutAudit] = await Promise.all([
      play("fanclub", api.baseUrl),
      play("family", api.baseUrl),
      play("waitlist", api.baseUrl),
      play("family", refusesAudits),
    ]);
  });

  const play = (scenario: string, url: string): Promise<Ended> => {
    const options = ["--scenario", scenario, "--buyers", "120", "--seconds", "8", "--seed", "1"];
    return startProgram("test/demo/main.ts", options, { ONSALE_URL: url }).ended;
  };

  /** How often something happened, by the words around the figure. */
  function figure(stdout: string, pattern: RegExp): number {
    return Number(pattern.exec(stdout)?.[1]?.replaceAll(",", "") ?? Number.NaN);
  }

  function assertPlayed({ code, stdout, stderr }: Ended): void {
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /: 120 people in .* \(seed 1\)/);
    assert.match(stdout, /^✔ The audit of [1-9]\d* orders found nothing wrong/m);
    assert.match(stderr, /\/s accepted .*\/s decided/);
  }

  it("fanclub: codes, then the sale opens for all, with a limit per customer", () => {
    assertPlayed(fanclub);
    const { stdout } = fanclub;
    assert(figure(stdout, /^(\d+) fans bought with their code/m) > 0, stdout);
    assert(figure(stdout, /^(\d+) gave their code to a friend, who was refused/m) > 0, stdout);
    assert(figure(stdout, /^(\d+) asked for fan tickets without a code/m) > 0, stdout);
    assert(figure(stdout, /^(\d+) came before the sale opened/m) > 0, stdout);
    assert(figure(stdout, /^[\d,]+ orders were confirmed after that, and (\d+) refused/m) > 0, stdout);
    assert.match(stdout, /^HALL {6} .* of 108, a pool$/m);
    assert.match(stdout, /^✔ Nobody bought before their time/m);
  });

  it("family: baskets that share the hall and the fire limit", () => {
    assertPlayed(family);
    const { stdout } = family;
    assert(figure(stdout, /^(\d+) baskets were bought whole/m) > 0, stdout);
    assert(figure(stdout, /baskets were bought whole, (\d+) not at all/m) > 0, stdout);
    assert(figure(stdout, /^(\d+) groups wanted more than 6 tickets/m) > 0, stdout);
    assert.match(stdout, /^ADULT {5} .*, limited by (HALL|FIRE)$/m);
    assert.match(stdout, /^✔ No pool was overdrawn/m);
  });

  it("waitlist: offers to the first in line, which are confirmed, given back or ignored", () => {
    assertPlayed(waitlist);
    const { stdout } = waitlist;
    assert(figure(stdout, /^(\d+) orders had to wait/m) > 0, stdout);
    assert(figure(stdout, /had to wait, and (\d+) of them were offered tickets/m) > 0, stdout);
    assert(figure(stdout, /^(\d+) offers were confirmed/m) > 0, stdout);
    assert(figure(stdout, /^(\d+) left the waiting list/m) > 0, stdout);
    assert.match(stdout, /^STANDARD {2} .* of 42.* wait$/m);
    assert.match(stdout, /^✔ Every offer went to the first in line/m);
  });

  it("fails when a check was not possible", () => {
    const { code, stdout } = withoutAudit;
    assert.equal(code, 1);
    assert.match(stdout, /^✘ Could not be checked: the audit cannot be read/m);
  });
});
