import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { rejectionReasons } from "./order.ts";
import { problemCatalogue, problemType } from "./problem.ts";

const problems = Object.entries(problemCatalogue);

describe("the problem catalogue", () => {
  it("has every reason for which an order is rejected, under the same code", () => {
    for (const reason of Object.keys(rejectionReasons)) assert(reason in problemCatalogue, reason);
  });

  it("gives each problem a slug and a title of its own", () => {
    for (const [code] of problems) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.equal(new Set(problems.map(([, { title }]) => title)).size, problems.length);
  });

  it("answers with HTTP errors only", () => {
    for (const [code, { status }] of problems) assert(status >= 400 && status <= 599, code);
  });

  it("asks to try again exactly what may pass by itself: slow requests, too many of them, and faults on our side", () => {
    const retryable = problems.filter(([, problem]) => problem.retryable).map(([code]) => code);
    // What is not configured stays so until somebody does it.
    const fixed = new Set(["webhooks-unavailable"]);
    const isPassing = ([code, { status }]: (typeof problems)[number]) =>
      (status === 408 || status === 429 || status >= 500) && !fixed.has(code);
    const passing = problems.filter(isPassing).map(([code]) => code);
    assert.deepEqual(retryable, passing);
  });

  it("writes titles as phrases, to which an answer adds its full stop", () => {
    for (const [, { title }] of problems) assert.match(title, /^[A-Z].*[^.]$/);
  });

  it("identifies a problem by a URI", () => {
    assert(URL.canParse(problemType("sold-out")));
    assert.equal(problemType("sold-out"), "urn:onsale:problem:sold-out");
  });
});
