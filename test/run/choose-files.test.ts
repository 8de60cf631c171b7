import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { describeChoice, readChoice, select } from "./choose-files.ts";

const files = ["test/e2e/sale/hot-sale.test.ts", "test/e2e/sale/crowd.long.test.ts", "test/e2e/sale/disk.long.test.ts"];

/** The files that these arguments of `npm test` choose; without --changed, which asks git. */
const chosen = (...parts: string[]) => select("", files, readChoice(parts));

describe("the files of a run", () => {
  it("are all but the long ones without arguments, and the long ones with --long", () => {
    assert.deepEqual(chosen(), ["test/e2e/sale/hot-sale.test.ts"]);
    assert.deepEqual(chosen("--long"), ["test/e2e/sale/crowd.long.test.ts", "test/e2e/sale/disk.long.test.ts"]);
  });

  it("are those that are named, long ones included", () => {
    assert.deepEqual(chosen("hot-sale", "disk"), ["test/e2e/sale/hot-sale.test.ts", "test/e2e/sale/disk.long.test.ts"]);
  });

  it("are only the named long ones with --long and names", () => {
    assert.deepEqual(chosen("--long", "disk"), ["test/e2e/sale/disk.long.test.ts"]);
    assert.deepEqual(chosen("--long", "disk", "crowd"), chosen("--long"));
    assert.deepEqual(chosen("--long", "hot-sale"), []);
  });

  it("are described, also when there are none", () => {
    assert.equal(
      describeChoice(readChoice(["--long", "disk"]), ["one"]),
      "1 test files, the long ones with disk in their paths.",
    );
    assert.match(describeChoice(readChoice(["--long", "hot-sale"]), []), /^No long test file has hot-sale in its path/);
  });
});
