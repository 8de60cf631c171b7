import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { problemCatalogue, problemType } from "./problem.ts";
import { rejectionReasons } from "./values.ts";

const problems = Object.entries(problemCatalogue);

describe("the problem catalogue", () => {
  it("has every reason for which an order is rejected, under the same code", () => {
    for (const reason of Object.keys(rejectionReasons)) assert(reason in problemCatalogue, reason);
  });

  it("gives each problem a code and a title of its own", () => {
    for (const [code] of problems) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.equal(new Set(problems.map(([, { title }]) => title)).size, problems.length);
  });

  it("has only HTTP statuses of errors", () => {
    for (const [code, { status }] of problems) assert(status >= 400 && status <= 599, code);
  });

  it("marks as retryable what passes by itself: slow or many requests, missing decisions, faults of the server", () => {
    const retryable = problems.filter(([, problem]) => problem.retryable).map(([code]) => code);
    // A missing setting stays missing until an operator sets it.
    const lasting = new Set(["webhooks-unavailable", "customer-key-missing"]);
    const passes = new Set(["order-undecided", "sale-not-open", "sale-paused"]);
    const mayPass = ([code, { status }]: (typeof problems)[number]) =>
      (status === 408 || status === 429 || status >= 500 || passes.has(code)) && !lasting.has(code);
    const passing = problems.filter(mayPass).map(([code]) => code);
    assert.deepEqual(retryable, passing);
  });

  it("has titles without a full stop, which answers add", () => {
    for (const [, { title }] of problems) assert.match(title, /^[A-Z].*[^.]$/);
  });

  it("identifies a problem by a URI", () => {
    assert(URL.canParse(problemType("sold-out")));
    assert.equal(problemType("sold-out"), "urn:onsale:problem:sold-out");
  });
});
