import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { createMetrics } from "./metrics.ts";

async function readLines(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.text()).split("\n");
}

describe("the metrics of a process", () => {
  it("are exposed as they were counted, with the labels of the catalogue", async () => {
    const metrics = createMetrics();
    metrics.counter("orders_accepted_total").inc(3);
    metrics.counter("orders_decided_total").inc({ outcome: "rejected", reason: "sold-out" });
    metrics.histogram("accept_batch_size").observe(7);

    const lines = await readLines(metrics);

    assert(lines.includes("# TYPE orders_accepted_total counter"));
    assert(lines.includes("orders_accepted_total 3"));
    assert(lines.includes('orders_decided_total{outcome="rejected",reason="sold-out"} 1'));
    assert(lines.includes('accept_batch_size_bucket{le="5"} 0'));
    assert(lines.includes('accept_batch_size_bucket{le="10"} 1'));
  });

  it("are exposed from the start, at zero, when they have no labels", async () => {
    const metrics = createMetrics();
    metrics.counter("tickets_sold_total");
    assert((await readLines(metrics)).includes("tickets_sold_total 0"));
  });

  it("are separate from those of another registry", async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.counter("orders_accepted_total").inc();
    other.counter("orders_accepted_total");
    assert((await readLines(other)).includes("orders_accepted_total 0"));
  });

  it("include the figures of the process itself", async () => {
    assert((await readLines(createMetrics())).some((line) => line.startsWith("process_resident_memory_bytes ")));
  });

  it("can be read under their exposed names; values that are zero are left out", async () => {
    const metrics = createMetrics();
    metrics.counter("orders_accepted_total").inc(3);
    metrics.counter("tickets_sold_total");
    metrics.counter("orders_decided_total").inc({ outcome: "rejected", reason: 'say "no"' });
    metrics.histogram("accept_batch_size").observe(7);
    const names = ["orders_accepted_total", "tickets_sold_total", "orders_decided_total", "accept_batch_size"] as const;
    const figures = await metrics.figures([...names, "webhook_attempts_total"]);
    const lines = await readLines(metrics);
    for (const [name, value] of Object.entries(figures)) assert(lines.includes(`${name} ${value}`), name);
    assert.equal(figures.orders_accepted_total, 3);
    assert.equal(figures['accept_batch_size_bucket{le="10"}'], 1);
    assert.equal(figures.accept_batch_size_sum, 7);
    assert(!("tickets_sold_total" in figures));
  });

  it("are scraped although a gauge cannot be read; it keeps its last value", async () => {
    const metrics = createMetrics();
    let reading = Promise.resolve(7);
    metrics.gauge("orders_pending", async (gauge) => gauge.set(await reading));
    assert((await readLines(metrics)).includes("orders_pending 7"));

    reading = Promise.reject(new Error("the database is gone"));

    assert((await readLines(metrics)).includes("orders_pending 7"));
  });
});
