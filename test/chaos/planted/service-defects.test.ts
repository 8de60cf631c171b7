// The planted defects still fit the code: who changes that code learns it here, and not only from the long test.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { changedCode, requireFitting } from "./planted-code.ts";
import { circumstances, serviceDefects } from "./service-defects.ts";

describe("planted defects of services", () => {
  for (const { name, changes, broughtOutBy } of serviceDefects) {
    it(`can be planted: ${name}`, () => requireFitting([...changes, ...broughtOutBy]));
  }

  it("are brought out by what can be planted all together", () => {
    requireFitting(circumstances.flat());
  });

  it("are refused when the code has another text, or has it twice", () => {
    const change = { file: "some.ts", from: "a < b", to: "true" };
    assert.equal(changedCode("if (a < b) go();", [change]), "if (true) go();");
    assert.throws(() => changedCode("if (a <= b) go();", [change]), /some\.ts has to have this text once.*0 times/);
    assert.throws(() => changedCode("if (a < b || a < b) go();", [change]), /has it 2 times/);
  });
});
