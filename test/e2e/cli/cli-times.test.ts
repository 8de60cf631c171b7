// Times are shown and read in the reader's zone, also where its clocks are put forward and back.
import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { moment } from "@onsale/cli/moment";
import { time } from "@onsale/cli/output/text";
import { postgresQueues } from "../../support/services/backends.ts";
import { startInstallation } from "../../support/services/installation.ts";
import { createCli } from "../../support/services/program.ts";

const zones = ["America/New_York", "Asia/Kolkata"] as const;

describe("times", () => {
  const zoneBefore = process.env.TZ;
  after(() => {
    if (zoneBefore === undefined) delete process.env.TZ;
    else process.env.TZ = zoneBefore;
  });

  // New York's clocks are put back on 2026-11-01 at 06:00 UTC, and put forward on 2027-03-14 at 07:00 UTC.
  const shown = {
    "America/New_York": [
      ["2026-11-01T05:59:59.000Z", "2026-11-01 01:59:59 -04:00"],
      ["2026-11-01T06:00:00.000Z", "2026-11-01 01:00:00 -05:00"],
      ["2027-03-14T06:59:59.000Z", "2027-03-14 01:59:59 -05:00"],
      ["2027-03-14T07:00:00.000Z", "2027-03-14 03:00:00 -04:00"],
    ],
    "Asia/Kolkata": [
      ["2026-11-01T06:00:00.000Z", "2026-11-01 11:30:00 +05:30"],
      ["2026-12-31T18:30:00.000Z", "2027-01-01 00:00:00 +05:30"],
    ],
    UTC: [["2026-11-01T06:00:00.000Z", "2026-11-01 06:00:00 +00:00"]],
  } as const;

  for (const [zone, times] of Object.entries(shown)) {
    it(`have the offset of ${zone}, and are read as they are shown`, () => {
      process.env.TZ = zone;
      for (const [utc, text] of times) {
        assert.equal(time(utc), text);
        assert.equal(moment(text), utc);
        assert.equal(moment(utc), utc);
      }
    });
  }

  it("without an offset are the reader's, unless their clocks have them twice or not at all", () => {
    process.env.TZ = "America/New_York";
    assert.equal(moment("2026-11-01T00:59"), "2026-11-01T04:59:00.000Z");
    assert.equal(moment("2026-11-01 02:00:00"), "2026-11-01T07:00:00.000Z");
    assert.equal(moment("2027-03-14T01:59:59.5"), "2027-03-14T06:59:59.500Z");
    assert.equal(moment("2027-03-14T03:00"), "2027-03-14T07:00:00.000Z");
    assert.throws(
      () => moment("2026-11-01T01:30"),
      /twice: clocks are put back\. Add -04:00 for the first, or -05:00\./,
    );
    assert.throws(() => moment("2027-03-14T02:30"), /no such time in your zone: clocks are put forward/);
    process.env.TZ = "Asia/Kolkata";
    assert.equal(moment("2027-03-14T02:30"), "2027-03-13T21:00:00.000Z");
  });
});

describe("times of an event", () => {
  let url: string;

  before(async () => {
    url = (await startInstallation(postgresQueues)).api.baseUrl;
  });

  it("are read and shown in the zone of TZ, and are UTC in JSON", async () => {
    const local = ["--start", "2026-11-01T00:30", "--end", "2026-11-01 03:30"];
    const expected = [
      ["2026-11-01T04:30:00.000Z", "2026-11-01T08:30:00.000Z", /^begins +2026-11-01 00:30:00 -04:00$/m],
      ["2026-10-31T19:00:00.000Z", "2026-10-31T22:00:00.000Z", /^begins +2026-11-01 00:30:00 \+05:30$/m],
    ] as const;
    for (const [index, zone] of zones.entries()) {
      const cli = createCli({ ONSALE_URL: url, TZ: zone });
      const [start, end, begins] = expected[index] ?? assert.fail("a zone has no expected times");
      const code = `ZONE-${index}`;
      const { stdout, stderr } = await cli.run("events", "create", code, "--name", "A show", ...local, "--json");
      const { startTime, endTime } = JSON.parse(stdout);
      assert.deepEqual([startTime, endTime, stderr], [start, end, ""]);
      assert.match((await cli.run("events", "show", code)).stdout, begins);
    }
  });
});
