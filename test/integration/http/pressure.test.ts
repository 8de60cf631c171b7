// What a gateway's server refuses under pressure, and in which order: with routes of each kind and limits so low that
// the process is always above them.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createHttpServer } from "@onsale/gateway/http/http-server";
import { collectRoutes, registerProblems } from "@onsale/gateway/http/problems";
import { registerPressure } from "@onsale/gateway/overload/pressure";
import {
  createSteadyLevel,
  levelOf,
  type PressureLimits,
  pressureLimits,
} from "@onsale/gateway/overload/pressure-levels";
import { createLogger } from "@onsale/observability/logger";
import { createMetrics } from "@onsale/observability/metrics";
import { atEnd } from "../../support/cleanup.ts";
import { untilTrue } from "../../support/until.ts";

const never = Number.POSITIVE_INFINITY;
const noLimits: PressureLimits = { loopDelayMs: undefined, heapBytes: undefined };
const routes = { "/list": 1, "/purchase": 2, "/poll": undefined, "/health": "never" } as const;

async function startServer(limits: PressureLimits) {
  const metrics = createMetrics();
  const connections = { trustProxy: [], connectionsMax: 100, connectionsPerAddressMax: undefined, keepAliveSeconds: 5 };
  const app = createHttpServer(createLogger("gateway", "silent"), connections);
  atEnd(() => app.close());
  collectRoutes(app);
  registerProblems(app);
  await registerPressure(app, limits, metrics);
  for (const [path, shedAt] of Object.entries(routes)) {
    app.get(path, { config: shedAt === undefined ? {} : { shedAt } }, async () => ({ ok: true }));
  }
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const statuses = () => Promise.all(Object.keys(routes).map(async (path) => (await fetch(url + path)).status));
  const answers = async (...expected: number[]) => (await statuses()).join() === expected.join();
  return { url, metrics, answers };
}

describe("a server under pressure", () => {
  it("refuses lists first, then purchases, polls last, and health checks never", async () => {
    const levels: (readonly [PressureLimits["heapBytes"], number[]])[] = [
      [
        [1, never, never],
        [503, 200, 200, 200],
      ],
      [
        [1, 2, never],
        [503, 503, 200, 200],
      ],
      [
        [1, 2, 3],
        [503, 503, 503, 200],
      ],
    ];
    for (const [heapBytes, expected] of levels) {
      const { url, metrics, answers } = await startServer({ ...noLimits, heapBytes });
      await untilTrue(`the answers are ${expected}`, () => answers(...expected));
      const refused = await fetch(`${url}/list`);
      assert.equal(refused.headers.get("retry-after"), "1");
      const { code, retryable } = JSON.parse(await refused.text());
      assert.deepEqual([code, retryable], ["overloaded", true]);
      assert.match(await metrics.text(), /admission_rejected_total\{reason="overloaded"\} [1-9]/);
    }
  });

  it("refuses lists while its event loop is late, and answers them again after that", async () => {
    const { answers } = await startServer({ ...noLimits, loopDelayMs: [50, never, never] });
    const blocking = setInterval(() => {
      for (const endsAtMs = performance.now() + 200; performance.now() < endsAtMs; );
    }, 1);
    try {
      await untilTrue("lists are refused", () => answers(503, 200, 200, 200), 60_000);
    } finally {
      clearInterval(blocking);
    }
    await untilTrue("lists are answered", () => answers(200, 200, 200, 200), 60_000);
  });

  it("answers everything without limits", async () => {
    assert.deepEqual(pressureLimits(0, 0), noLimits);
    const { answers } = await startServer(noLimits);
    assert(await answers(200, 200, 200, 200));
  });
});

describe("the levels of pressure", () => {
  it("count once there has been pressure for two seconds: not after a start, or a moment without CPU time", () => {
    const steady = createSteadyLevel();
    const given = [3, 3, 0, 1, 2, 3, 3, 3, 1, 0] as const;
    assert.deepEqual(
      given.map((level, second) => steady(level, second * 1_000)),
      [0, 0, 0, 0, 0, 1, 2, 3, 1, 0],
    );
  });

  it("begin above each limit", () => {
    const { loopDelayMs, heapBytes } = pressureLimits(500, 80);
    assert.deepEqual(loopDelayMs, [500, 1_000, 2_000]);
    const levels = [0, 500, 501, 1_000, 1_001, 2_000, 2_001, never].map((value) => levelOf(value, loopDelayMs));
    assert.deepEqual(levels, [0, 0, 1, 1, 2, 2, 3, 3]);
    assert.equal(levelOf(never, undefined), 0);
    const [lists = 0, purchases = 0, all = 0] = heapBytes ?? [];
    assert.deepEqual(
      [purchases / lists, all / lists].map((share) => share.toFixed(4)),
      ["1.1250", "1.1875"],
    );
  });
});
