import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sql } from "kysely";
import { connect, createTestDatabase } from "../../support/database/database.ts";

describe("arrays as parameters", () => {
  it("arrive unchanged, with any text or number in them", async () => {
    const db = connect(await createTestDatabase("empty"), 1);
    // PostgreSQL stores no NUL in text, and the generator makes no lone surrogates, which are no text.
    const texts = fc.array(fc.option(fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""))));
    const numbers = fc.array(fc.option(fc.integer()));
    await fc.assert(
      fc.asyncProperty(texts, numbers, async (givenTexts, givenNumbers) => {
        const { rows } = await sql<{ texts: unknown; numbers: unknown }>`
          SELECT ${givenTexts}::text[] AS texts, ${givenNumbers}::int[] AS numbers`.execute(db);
        assert.deepEqual(rows[0], { texts: givenTexts, numbers: givenNumbers });
      }),
    );
  });
});
