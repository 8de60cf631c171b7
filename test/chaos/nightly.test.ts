import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import { parse } from "yaml";
import { projectFolder } from "../support/services/services.ts";
import { parseModelOptions } from "./model/options.ts";
import { parseOptions } from "./options.ts";

const Matrix = Type.Object({
  backend: Type.Array(Type.String()),
  program: Type.Array(Type.String()),
  include: Type.Array(Type.Object({ program: Type.String(), options: Type.String() })),
});
const Workflow = Type.Object({
  jobs: Type.Object({ survival: Type.Object({ strategy: Type.Object({ matrix: Matrix }) }) }),
});

const drawSeed = () => 1;

describe("the nightly workflow", () => {
  const text = readFileSync(join(projectFolder, ".github", "workflows", "nightly.yml"), "utf8");
  const { matrix } = Parse(Workflow, parse(text)).jobs.survival.strategy;
  const optionsOf = (program: string, backend: string) => {
    const own = matrix.include.find((one) => one.program === program)?.options ?? "";
    return [...own.split(" "), "--backend", backend, "--seed", "17"];
  };

  for (const backend of matrix.backend) {
    it(`plays 300 sequences of up to 50 commands against the model, queues in ${backend}`, () => {
      assert(matrix.program.includes("model"));
      const { runs, commandsMax, seed, hasFaults } = parseModelOptions(optionsOf("model", backend), drawSeed);
      assert.deepEqual([runs, commandsMax, seed, hasFaults], [300, 50, 17, true]);
    });

    it(`sells while everything fails, for longer than the tests do, queues in ${backend}`, () => {
      assert(matrix.program.includes("chaos"));
      const { seconds, seed } = parseOptions(optionsOf("chaos", backend), drawSeed);
      assert(seconds >= 1_800);
      assert.equal(seed, 17);
    });
  }

  it("has both kinds of queues", () => {
    assert.deepEqual(matrix.backend, ["postgres", "redis"]);
  });
});
