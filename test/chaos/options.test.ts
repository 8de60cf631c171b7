import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { OptionError, parseOptions } from "./options.ts";

const drawSeed = () => 7;

describe("the options of npm run chaos", () => {
  it("has a default for each", () => {
    const { backend, seconds, seed } = parseOptions([], drawSeed);
    assert.deepEqual([backend, seconds, seed], ["postgres", 120, 7]);
  });

  it("reads each", () => {
    const parts = ["--minutes", "0.5", "--seed", "42", "--backend", "redis", "--rate", "20", "--out", "there"];
    const expected = { isHelp: false, backend: "redis", seconds: 30, seed: 42, rate: 20, folder: "there" };
    assert.deepEqual(parseOptions(parts, drawSeed), expected);
  });

  for (const parts of [["--minutes", "0"], ["--seed", "x"], ["--backend", "kafka"], ["--rate", "1e9"], ["--fast"]]) {
    it(`refuses ${parts.join(" ")}`, () => {
      assert.throws(() => parseOptions(parts, drawSeed), OptionError);
    });
  }
});
