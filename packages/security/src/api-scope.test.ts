import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { apiScopes, hasScope, isApiScope } from "./api-scope.ts";

const names = Object.keys(apiScopes).filter(isApiScope);

describe("scopes", () => {
  it("are these", () => {
    assert.deepEqual(names, [
      "events:write",
      "inventory:write",
      "orders:write",
      "orders:read",
      "webhooks:manage",
      "admin",
    ]);
  });

  it("let a key do what they say, and admin everything", () => {
    for (const held of names) {
      for (const needed of names) {
        assert.equal(hasScope(new Set([held]), needed), held === needed || held === "admin", `${held}, ${needed}`);
      }
      assert(!hasScope(new Set(), held));
    }
  });

  it("are no other words, also not those that every object has", () => {
    for (const word of ["", "orders", "ORDERS:READ", "any", "constructor", "__proto__"]) assert(!isApiScope(word));
  });
});
