import { describe, it } from "node:test";
import { withoutMounts } from "../../support/database/servers/small-disk.ts";
import { sellThroughFullDisk } from "../../support/services/scenarios/full-disk.ts";

describe("a full disk with the database's WAL, which ends PostgreSQL", { skip: withoutMounts }, () => {
  it("is answered with 503 and few log lines, and sales go on when there is room", () => sellThroughFullDisk("WAL"));
});
