import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { OptionError, parseOptions } from "./options.ts";

const drawSeed = () => 7;

describe("the options of npm run chaos", () => {
  it("has a default for each", () => {
    const { backend, seconds, seed, rate, pauseSeconds } = parseOptions([], drawSeed);
    assert.deepEqual([backend, seconds, seed, rate, pauseSeconds], ["postgres", 120, 7, undefined, 4]);
  });

  it("reads each", () => {
    const load = ["--minutes", "0.5", "--seed", "42", "--rate", "20", "--pause", "8", "--leavers", "0.5"];
    const parts = [...load, "--backend", "redis", "--out", "there"];
    const expected = {
      isHelp: false,
      backend: "redis",
      seconds: 30,
      seed: 42,
      rate: 20,
      pauseSeconds: 8,
      leaverShare: 0.5,
      folder: "there",
    };
    assert.deepEqual(parseOptions(parts, drawSeed), expected);
  });

  for (const parts of [
    ["--minutes", "0"],
    ["--seed", "x"],
    ["--backend", "kafka"],
    ["--rate", "1e9"],
    ["--pause", "0"],
    ["--fast"],
  ]) {
    it(`refuses ${parts.join(" ")}`, () => {
      assert.throws(() => parseOptions(parts, drawSeed), OptionError);
    });
  }
});
