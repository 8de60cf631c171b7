import { strict as assert } from "node:assert";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import Fastify from "fastify";
import { registerProblems } from "./problems.ts";

/** A server whose route fails with an error of this code, and the lines that it logs. */
function arrange() {
  const lines: { level: number; msg: string }[] = [];
  const stream = new Writable({
    write: (line, _encoding, done) => {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  const app = Fastify({ logger: { stream }, disableRequestLogging: true });
  registerProblems(app);
  app.get<{ Params: { code: string } }>("/fail/:code", async ({ params }) => {
    throw Object.assign(new Error("failed"), { code: params.code });
  });
  const request = (code: string) => app.inject(`/fail/${code}`);
  return { lines, request };
}

describe("problems", () => {
  it("are logged once in 5 s for each kind of failure, so that a full disk is not filled further", async () => {
    const { lines, request } = arrange();
    for (let count = 0; count < 50; count++) {
      for (const code of ["XX000", "42P01", "53100"]) await request(code);
      await request("none/nowhere");
    }
    assert.deepEqual(
      lines.map(({ level }) => level),
      [50, 50, 50, 30],
    );
  });

  it("are 503 with Retry-After when the disk is full, a plan no longer fits, or memory is missing", async () => {
    const { request } = arrange();
    for (const code of ["53100", "53200", "53400", "0A000", "25006", "57P05", "26000", "08P01"]) {
      const { statusCode, headers } = await request(code);
      assert.deepEqual([statusCode, headers["retry-after"]], [503, "1"], code);
    }
  });
});
