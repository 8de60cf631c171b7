import { describe, it } from "node:test";
import { withoutMounts } from "../../support/database/small-disk.ts";
import { sellThroughFullDisk } from "../../support/services/full-disk.ts";

describe("a full disk with the database's data", { skip: withoutMounts }, () => {
  it("is answered with 503 and few log lines, and sales go on when there is room", () => sellThroughFullDisk("data"));
});
