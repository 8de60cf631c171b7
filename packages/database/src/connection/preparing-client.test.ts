import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { arrayLiteral } from "./preparing-client.ts";

describe("an array literal", () => {
  it("quotes text, so that PostgreSQL reads it as text and nothing else", () => {
    assert.equal(arrayLiteral(["a", "", "NULL", "b,c", "{}", " "]), '{"a","","NULL","b,c","{}"," "}');
    assert.equal(arrayLiteral(['say "hi"', "back\\slash", '\\"']), '{"say \\"hi\\"","back\\\\slash","\\\\\\""}');
  });

  it("writes numbers and nulls without quotes, and an empty array as {}", () => {
    assert.equal(arrayLiteral([1, -2.5, null]), "{1,-2.5,NULL}");
    assert.equal(arrayLiteral([]), "{}");
  });

  it("leaves arrays with anything else to the driver", () => {
    for (const item of [new Date(), Buffer.of(1), ["nested"], true, undefined]) {
      assert.equal(arrayLiteral(["a", item]), undefined);
    }
  });
});
