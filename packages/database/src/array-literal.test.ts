import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { arrayLiteral } from "./array-literal.ts";

describe("an array literal", () => {
  it("quotes text, so that nothing in it is taken for more than text", () => {
    assert.equal(arrayLiteral(["a", "", "NULL", "b,c", "{}", " "]), '{"a","","NULL","b,c","{}"," "}');
    assert.equal(arrayLiteral(['say "hi"', "back\\slash", '\\"']), '{"say \\"hi\\"","back\\\\slash","\\\\\\""}');
  });

  it("writes numbers and nulls as they are, and nothing as nothing", () => {
    assert.equal(arrayLiteral([1, -2.5, null]), "{1,-2.5,NULL}");
    assert.equal(arrayLiteral([]), "{}");
  });

  it("leaves everything else to the driver", () => {
    for (const item of [new Date(), Buffer.of(1), ["nested"], true, undefined]) {
      assert.equal(arrayLiteral(["a", item]), undefined);
    }
  });
});
