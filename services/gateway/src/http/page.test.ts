import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { PageQuery as PageQuerySchema } from "@onsale/contracts/page";
import fc from "fast-check";
import { Check } from "typebox/value";
import { isCount, type PageQuery, presentPage, readPageQuery } from "./page.ts";
import { ProblemError } from "./problem-error.ts";

type Position = Readonly<{ seq: number; id: string }>;

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function parsePosition([seq, id, ...rest]: readonly string[]): Position | null {
  return isCount(seq) && id !== undefined && uuidPattern.test(id) && rest.length === 0
    ? { seq: Number(seq), id }
    : null;
}

const list = ["orders", "EVENT", undefined];
const read = (query: PageQuery) => readPageQuery(query, list, parsePosition);
const { listTag } = read({});
const notOfThisList = "is not a cursor of this list with these filters";
const encode = (text: string) => Buffer.from(text).toString("base64url");

/** A page that is not the last one. */
function pageBefore(request: { number: number; size: number }, position: Position, total: number) {
  const rows = Array.from({ length: request.size + 1 }, () => position);
  return presentPage(
    { ...request, listTag, after: null },
    rows,
    total,
    (row) => row,
    (row) => [row.seq, row.id],
  );
}

const counts = fc.nat(999_999_999_999_999);
const positions: fc.Arbitrary<Position> = fc.record({ seq: counts, id: fc.uuid() }, { noNullPrototype: true });

describe("a page's query", () => {
  it("asks for the first 20 rows without any parameter", () => {
    assert.deepEqual(read({}), { number: 0, size: 20, listTag, after: null });
    assert.deepEqual(read({ page: 3, size: 7 }), { number: 3, size: 7, listTag, after: null });
  });

  it("continues with a cursor exactly after the last row of the page before", () => {
    const numbers = fc.nat(1_000_000);
    const sizes = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(numbers, sizes, positions, counts, (number, size, position, total) => {
        const { nextCursor } = pageBefore({ number, size }, position, total);

        assert(nextCursor !== null);
        assert(Check(PageQuerySchema.cursor, nextCursor), `the schema refuses the cursor ${nextCursor}`);
        const next = { number: number + 1, size, listTag, after: { position, total } };
        assert.deepEqual(read({ cursor: nextCursor, size }), next);
      }),
    );
  });

  it("is refused with both a cursor and a page number", () => {
    const { nextCursor } = pageBefore({ number: 0, size: 1 }, { seq: 1, id: crypto.randomUUID() }, 5);
    assertRefused({ cursor: nextCursor ?? "", page: 1 }, "goes without page");
  });

  it("is refused with a cursor of another list, or with a text that is no cursor", () => {
    const id = crypto.randomUUID();
    const t = listTag;
    const foreign = ["", "1", "1.5", `1.5.${t}`, `1.5.${t}.7`, `1.5.${t}.${id}`, `1.5.${t}.7.${id}.7`, `1.5.7.${id}`];
    const tampered = [`-1.5.${t}.7.${id}`, `1.5e3.${t}.7.${id}`, `1..${t}.7.${id}`, `.5.${t}.7.${id}`];
    const others = [`1.5.${t}.x.${id}`, `1.5.${t}.7.not-a-uuid`, `1.${"9".repeat(16)}.${t}.7.${id}`, `1.5.x.7.${id}`];
    for (const text of [...foreign, ...tampered, ...others]) assertRefused({ cursor: encode(text) }, notOfThisList);
  });

  it("is refused with a cursor of the same list with other filters, or of a list with the same filters", () => {
    const { nextCursor } = pageBefore({ number: 0, size: 1 }, { seq: 1, id: crypto.randomUUID() }, 5);
    const cursor = nextCursor ?? "";
    assert.notEqual(read({ cursor }).after, null);
    const others = [
      ["orders"],
      ["orders", "OTHER", undefined],
      ["orders", "EVENT", "HELD"],
      ["events", "EVENT", undefined],
    ];
    for (const other of others) {
      assert.throws(() => readPageQuery({ cursor }, other, parsePosition), ProblemError, other.join());
    }
  });

  it("is refused with any text that no page gave as a cursor", () => {
    const cursors = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/), fc.string().map(encode));
    fc.assert(fc.property(cursors, (cursor) => assertRefused({ cursor }, notOfThisList)));
  });
});

function assertRefused(query: PageQuery, detail: string): void {
  assert.throws(
    () => read(query),
    (error) => {
      assert(error instanceof ProblemError);
      assert.equal(error.code, "validation-failed");
      assert.deepEqual(error.faults, [{ pointer: "/query/cursor", detail }]);
      return true;
    },
  );
}

describe("a walk through a list by its cursors", () => {
  it("returns every row once and in order, and ends with the last page", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 12 }), (rowCount, size) => {
        const numbers = Array.from({ length: rowCount }, (_, index) => index + 1);
        const seen: number[] = [];
        let query: PageQuery = { size };
        for (let number = 0; ; number++) {
          const request = readPageQuery(query, ["numbers"], ([after]) => (isCount(after) ? Number(after) : null));
          const rest = numbers.slice(request.after?.position ?? 0);
          const page = presentPage(request, rest.slice(0, size + 1), rowCount, String, (row) => [row]);

          seen.push(...page.content.map(Number));
          assert.equal(page.number, number);
          assert.equal(page.first, number === 0);
          assert.equal(page.empty, rowCount === 0);
          assert.deepEqual([page.totalElements, page.totalPages], [rowCount, Math.ceil(rowCount / size)]);
          assert.equal(page.last, page.nextCursor === null);
          assert(request.after === null || request.after.total === rowCount);
          if (page.nextCursor === null) break;
          assert.equal(page.content.length, size);
          query = { size, cursor: page.nextCursor };
        }
        assert.deepEqual(seen, numbers);
      }),
    );
  });
});
