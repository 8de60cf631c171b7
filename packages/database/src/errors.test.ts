import { strict as assert } from "node:assert";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { classify, errorCode, type FailureKind, withContentionRetries } from "./errors.ts";

function failure(code: string): Error {
  return Object.assign(new Error("x"), { code });
}

const codesByKind: Readonly<Record<FailureKind, readonly string[]>> = {
  contention: ["40001", "40P01", "55P03"],
  unavailable: [
    "08000",
    "08003",
    "08006",
    "57P01",
    "57P02",
    "57P03",
    "57014",
    "08P01",
    "0A000",
    "26000",
    "42P05",
    "53100",
    "53200",
    "53300",
    "53400",
    "57P05",
    "25006",
    "ECONNREFUSED",
    "EMFILE",
    "EACCES",
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ENOENT",
  ],
  "stock-changed": ["OS001"],
  data: ["22001", "22003", "22021", "23502", "23505", "23514", "P0001"],
  other: ["42P01", "42601", "XX000", "ERR_ASSERTION", ""],
};

describe("a failure of the database", () => {
  for (const [kind, codes] of Object.entries(codesByKind)) {
    it(`is "${kind}" with the code ${codes.map((code) => code || "(none)").join(", ")}`, () => {
      for (const code of codes) assert.equal(classify(failure(code)), kind, code);
    });
  }

  it('is "unavailable" when a process that stops has closed its pool', () => {
    for (const message of ["driver has already been destroyed", "Cannot use a pool after calling end on the pool"]) {
      assert.equal(classify(new Error(message)), "unavailable");
    }
  });

  it("is recognised by the class of its SQLSTATE, where a class has one kind", () => {
    const rest = fc.stringMatching(/^[0-9A-Z]{3}$/);
    fc.assert(
      fc.property(rest, (condition) => {
        assert.equal(classify(failure(`08${condition}`)), "unavailable");
        assert.equal(classify(failure(`53${condition}`)), "unavailable");
        assert.equal(classify(failure(`22${condition}`)), "data");
        assert.equal(classify(failure(`23${condition}`)), "data");
      }),
    );
  });

  it("is recognised by the first of several errors, as when no address of a host answers", () => {
    const refused = new AggregateError([failure("ECONNREFUSED"), failure("ENETUNREACH")], "all failed");
    assert.equal(errorCode(refused), "ECONNREFUSED");
    assert.equal(classify(refused), "unavailable");
    assert.equal(classify(new AggregateError([refused])), "unavailable");
    assert.equal(classify(new AggregateError([])), "other");
  });

  it("is recognised by its message, where node-postgres gives no code", () => {
    for (const message of [
      "Connection terminated",
      "Connection terminated unexpectedly",
      "Connection terminated due to connection timeout",
      "timeout exceeded when trying to connect",
      "Query read timeout",
      "Client has encountered a connection error and is not queryable",
      "Client was closed and is not queryable",
    ]) {
      assert.equal(classify(new Error(message)), "unavailable", message);
    }
    assert.equal(classify(new Error("we read: Connection terminated")), "other");
    assert.equal(classify(Object.assign(new Error("Connection terminated"), { code: "42601" })), "other");
  });

  it("may be any value that was thrown", () => {
    fc.assert(fc.property(fc.anything(), (thrown) => classify(thrown) === "other" && errorCode(thrown) === ""));
    assert.equal(errorCode(Object.assign(new Error("x"), { code: 40_001 })), "");
  });
});

describe("a transaction with contention retries", () => {
  /** Runs a transaction that fails once with each of these failures and then succeeds. */
  async function run(t: TestContext, failures: readonly Error[]) {
    // No jitter, so that no test waits for long.
    t.mock.method(Math, "random", () => 0);
    const remaining = [...failures];
    const reported: string[] = [];
    let runCount = 0;
    const outcome = await withContentionRetries(
      async () => {
        runCount++;
        const next = remaining.shift();
        if (next !== undefined) throw next;
        return "done";
      },
      (sqlstate) => reported.push(sqlstate),
    ).catch((error: unknown) => error);
    return { outcome, runCount, reported };
  }

  it("runs once when it meets no conflict", async (t: TestContext) => {
    assert.deepEqual(await run(t, []), { outcome: "done", runCount: 1, reported: [] });
  });

  it("is run again until it succeeds, and each retry is reported with its SQLSTATE", async (t: TestContext) => {
    const result = await run(t, [failure("40001"), failure("40P01"), failure("55P03")]);
    assert.deepEqual(result, { outcome: "done", runCount: 4, reported: ["40001", "40P01", "55P03"] });
  });

  it("succeeds in the last of 5 retries", async (t: TestContext) => {
    const failures = Array.from({ length: 5 }, () => failure("40001"));
    assert.deepEqual(await run(t, failures), { outcome: "done", runCount: 6, reported: Array(5).fill("40001") });
  });

  it("is given up with the last error after 5 retries", async (t: TestContext) => {
    const failures = Array.from({ length: 10 }, () => failure("40001"));
    const { outcome, runCount, reported } = await run(t, failures);
    assert.equal(outcome, failures[5]);
    assert.equal(runCount, 6);
    assert.deepEqual(reported, Array(5).fill("40001"));
  });

  it("is not run again after another kind of failure, the first or a later one", async (t: TestContext) => {
    for (const code of ["23505", "57P01", "OS001", "42601", "ECONNRESET"]) {
      const other = failure(code);
      assert.deepEqual(await run(t, [other]), { outcome: other, runCount: 1, reported: [] });
      assert.deepEqual(await run(t, [failure("40001"), other]), { outcome: other, runCount: 2, reported: ["40001"] });
    }
  });
});
