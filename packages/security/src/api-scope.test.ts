import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { apiScopes, hasScope, isApiScope } from "./api-scope.ts";

const names = Object.keys(apiScopes).filter(isApiScope);

describe("scopes", () => {
  it("are these six", () => {
    assert.deepEqual(names, [
      "events:write",
      "inventory:write",
      "orders:write",
      "orders:read",
      "webhooks:manage",
      "admin",
    ]);
  });

  it("each allow only themselves, and admin allows all", () => {
    for (const granted of names) {
      for (const needed of names) {
        assert.equal(
          hasScope(new Set([granted]), needed),
          granted === needed || granted === "admin",
          `${granted}, ${needed}`,
        );
      }
      assert(!hasScope(new Set(), granted));
    }
  });

  it("are no other words, not even properties of every object", () => {
    for (const word of ["", "orders", "ORDERS:READ", "any", "constructor", "__proto__"]) assert(!isApiScope(word));
  });
});
