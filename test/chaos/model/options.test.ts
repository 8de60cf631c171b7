import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { OptionError } from "../options.ts";
import { parseModelOptions } from "./options.ts";

const drawSeed = () => 7;

describe("the options of npm run model", () => {
  it("has a default for each", () => {
    const { backend, runs, commandsMax, seed, replay } = parseModelOptions([], drawSeed);
    assert.deepEqual([backend, runs, commandsMax, seed, replay], ["postgres", 300, 50, 7, undefined]);
  });

  it("reads each", () => {
    const drawn = ["--runs", "5", "--commands", "9", "--seed", "42", "--backend", "redis", "--out", "there"];
    assert.deepEqual(
      parseModelOptions([...drawn, "--without-faults", "--path", "3:0:1", "--replay", "AaB:c"], drawSeed),
      {
        isHelp: false,
        backend: "redis",
        runs: 5,
        commandsMax: 9,
        seed: 42,
        hasFaults: false,
        replay: { path: "3:0:1", commands: "AaB:c", hasFaults: false },
        folder: "there",
      },
    );
  });

  for (const parts of [
    ["--runs", "0"],
    ["--path", "1"],
    ["--path", "x", "--replay", "A:B"],
    ["--minutes", "1"],
  ]) {
    it(`refuses ${parts.join(" ")}`, () => {
      assert.throws(() => parseModelOptions(parts, drawSeed), OptionError);
    });
  }
});
