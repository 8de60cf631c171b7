import { strict as assert } from "node:assert";
import { test } from "node:test";
import { checkDurability, NotDurableError } from "./database-server.ts";

const durable = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };

test("a server with PostgreSQL's default durability is accepted", () => {
  assert.doesNotThrow(() => checkDurability(durable));
});

for (const name of Object.keys(durable)) {
  test(`a server whose ${name} is off is refused`, () => {
    assert.throws(
      () => checkDurability({ ...durable, [name]: "off" }),
      (error) => error instanceof NotDurableError && error.message.includes(`${name} is off`),
    );
  });
}

test("a commit that only waits for the operating system is refused", () => {
  assert.throws(() => checkDurability({ ...durable, synchronous_commit: "local" }), NotDurableError);
});
