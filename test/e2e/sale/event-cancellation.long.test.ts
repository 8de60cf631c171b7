// An event with 200,000 orders is cancelled while another event sells. The latencies are printed; they are no
// condition.
import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../support/database/database.ts";
import type { Api } from "../../support/http/api.ts";
import { createRandom } from "../../support/random.ts";
import { postgresQueues } from "../../support/services/backends.ts";
import {
  arrangeSoldEvent,
  assertCancelled,
  killWorkers,
  readProgress,
  requestCancellation,
  startCrowd,
} from "../../support/services/event-cancellation.ts";
import { startInstallation } from "../../support/services/installation.ts";

const orderCount = 200_000;
const buyerCount = 20;
const pauseMs = 100;

/** Buyers of another event, each of whom waits for the decision. */
function startOthers(api: Api, eventCode: string) {
  let latenciesMs: number[] = [];
  let isStopping = false;

  async function run(): Promise<void> {
    while (!isStopping) {
      const begunMs = performance.now();
      const { status, body } = await api.purchase({ eventCode, waitSeconds: 10 });
      latenciesMs.push(performance.now() - begunMs);
      assert.deepEqual([status, body.status], [200, "CONFIRMED"]);
      await delay(pauseMs);
    }
  }

  const running = Promise.all(Array.from({ length: buyerCount }, run));
  running.catch(() => undefined);
  return {
    /** Percentiles since the last call, in milliseconds. */
    take: () => {
      const sorted = latenciesMs.sort((a, b) => a - b);
      latenciesMs = [];
      const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
      return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
    },
    stop: async () => {
      isStopping = true;
      await running;
    },
  };
}

describe("an event with 200,000 orders", () => {
  it("is cancelled, each order once, while workers are killed and another event sells", async (test) => {
    const { random, seed } = createRandom();
    test.diagnostic(`TEST_SEED=${seed}`);
    const installation = await startInstallation(postgresQueues, { gateways: 2 });
    const { api, apis, databaseUrl } = installation;
    const db = connect(databaseUrl);
    const event = await arrangeSoldEvent(installation, orderCount);
    const other = await api.createEvent({ STANDARD: 10_000_000 });

    const others = startOthers(api, other);
    await delay(10_000);
    test.diagnostic(`another event alone: ${JSON.stringify(others.take())}`);
    const crowd = startCrowd(apis, db, event, random);
    const begunMs = performance.now();
    await requestCancellation(api, event.code);
    await crowd.stop();
    for (;;) {
      const { status, orders } = await readProgress(api, event.code);
      if (status === "done" || orders.cancelled > orderCount / 2) break;
      await delay(200);
    }
    test.diagnostic(`beside a cancellation: ${JSON.stringify(others.take())}`);
    assert((await killWorkers(installation, event, 4)) > 0, "workers were killed meanwhile");
    const count = await assertCancelled(api, db, event, 300_000);
    const seconds = (performance.now() - begunMs) / 1_000;
    test.diagnostic(`${count} orders in ${seconds.toFixed(1)} s, with 4 workers killed`);
    test.diagnostic(`beside it and kills: ${JSON.stringify(others.take())}`);
    await others.stop();
    await api.assertSound(other);
    assert(count > 0.99 * orderCount);
  });
});
