import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { type MetricDefinition, metricCatalogue } from "./metric-catalogue.ts";

const metrics: [string, MetricDefinition][] = Object.entries(metricCatalogue);

describe("the metric catalogue", () => {
  it("has valid Prometheus names", () => {
    for (const [name] of metrics) assert.match(name, /^[a-z][a-z0-9_]*$/);
  });

  it("ends the names of counters, and of nothing else, in _total", () => {
    for (const [name, { type }] of metrics) assert.equal(name.endsWith("_total"), type === "counter", name);
  });

  it("has valid labels that Prometheus does not use itself", () => {
    for (const [name, { labels }] of metrics) {
      for (const label of labels) assert.match(label, /^(?!__|le$|quantile$|job$|instance$)[a-z_][a-z0-9_]*$/, name);
      assert.equal(new Set(labels).size, labels.length, name);
    }
  });

  it("has no label that carries an order, an account or an event", () => {
    for (const [name, { labels }] of metrics) {
      for (const label of labels) assert.doesNotMatch(label, /order|account|event|customer|key/, name);
    }
  });

  it("measures histograms, and only these, in rising buckets", () => {
    for (const [name, { type, buckets }] of metrics) {
      assert.equal(buckets !== undefined, type === "histogram", name);
      assert.deepEqual(
        buckets,
        buckets?.toSorted((a, b) => a - b),
        name,
      );
      assert.equal(new Set(buckets).size, buckets?.length ?? 0, name);
    }
  });

  it("says of each metric what it is and where it comes from", () => {
    for (const [name, { help, from }] of metrics) {
      assert.notEqual(help, "", name);
      assert(from.length > 0, name);
    }
  });
});
