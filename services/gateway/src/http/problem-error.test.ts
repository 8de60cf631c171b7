import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { ProblemError } from "./problem-error.ts";

describe("a problem error", () => {
  it("has the title of the catalogue as its detail, unless another detail is given", () => {
    assert.equal(new ProblemError("sold-out").message, "The ticket type is sold out.");
    assert.equal(new ProblemError("sold-out", "No VIP tickets are left.").message, "No VIP tickets are left.");
  });

  it("keeps its cause for the log, and out of the detail", () => {
    const cause = new Error("password authentication failed");
    const problem = new ProblemError("dependency-unavailable", undefined, { cause });
    assert.equal(problem.cause, cause);
    assert.doesNotMatch(problem.message, /password/);
  });
});
