import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { ProblemError } from "./problem-error.ts";

describe("a problem that ends a request", () => {
  it("says what the catalogue says of it, unless there is more to say", () => {
    assert.equal(new ProblemError("sold-out").message, "The ticket type is sold out.");
    assert.equal(new ProblemError("sold-out", "No VIP tickets are left.").message, "No VIP tickets are left.");
  });

  it("keeps its cause for the log, out of what the client reads", () => {
    const cause = new Error("password authentication failed");
    const problem = new ProblemError("dependency-unavailable", undefined, { cause });
    assert.equal(problem.cause, cause);
    assert.doesNotMatch(problem.message, /password/);
  });
});
