import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { RulesRefusedError } from "@onsale/database/statements/rules/rules-refused";
import { HttpError } from "../errors/http-error.ts";
import { refusalOf } from "./describe-refusal.ts";

describe("a change of an event that fails", () => {
  it("can be tried again after another change had it locked, and keeps an error that nobody expects", () => {
    const locked = refusalOf(Object.assign(new Error("lock timeout"), { code: "55P03" }));
    assert(locked instanceof HttpError);
    assert.deepEqual([locked.statusCode, locked.message.endsWith("try again.")], [503, true]);
    const unknown = new Error("a bug");
    assert.equal(refusalOf(unknown), unknown);
  });

  it("names the pool or the ticket type that is wrong", () => {
    const refusal = { kind: "unknown-pool", ticketType: "A", pool: "HALL" } as const;
    const refused = refusalOf(new RulesRefusedError(refusal));
    assert(refused instanceof HttpError);
    assert.deepEqual([refused.statusCode, refused.message], [404, "The event has no pool HALL."]);
  });
});
