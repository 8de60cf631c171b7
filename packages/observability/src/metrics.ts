import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type MetricDefinition, type MetricName, metricCatalogue } from "./metric-catalogue.ts";

/** The metrics of one process; there is no global registry. */
export type Metrics = ReturnType<typeof createMetrics>;

type LabelOf<N extends MetricName> = (typeof metricCatalogue)[N]["labels"][number];
type NameOf<T extends MetricDefinition["type"]> = {
  [N in MetricName]: (typeof metricCatalogue)[N]["type"] extends T ? N : never;
}[MetricName];

/**
 * Creates the metrics of a process, with those of Node.js. A metric is exposed once a part of the process asks for it.
 */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  const base = <N extends MetricName>(name: N) => {
    const { help, labels }: MetricDefinition = metricCatalogue[name];
    return { name, help, labelNames: labels as readonly LabelOf<N>[], registers: [registry] };
  };
  return {
    contentType: registry.contentType,
    /** All metrics in the text format of Prometheus. */
    text: () => registry.metrics(),
    /** The values of some counters and histograms, by exposed name and labels; without those that are zero. */
    figures: async (names: readonly NameOf<"counter" | "histogram">[]): Promise<Record<string, number>> => {
      const known = names.flatMap((name) => registry.getSingleMetric(name) ?? []);
      const read = await Promise.all(known.map((metric) => metric.get()));
      const entries = read.flatMap(({ name, values }) => values.map((value) => [sampleName(name, value), value.value]));
      return Object.fromEntries(entries.filter(([, value]) => value !== 0));
    },
    /** Several parts of a process may ask for the same counter. */
    counter: <N extends NameOf<"counter">>(name: N): Counter<LabelOf<N>> => {
      const known = registry.getSingleMetric(name);
      return known instanceof Counter ? known : new Counter<LabelOf<N>>(base(name));
    },
    histogram: <N extends NameOf<"histogram">>(name: N) => {
      const { buckets = [] }: MetricDefinition = metricCatalogue[name];
      return new Histogram<LabelOf<N>>({ ...base(name), buckets: [...buckets] });
    },
    /** `collect` sets the gauge at each scrape; when it fails, the gauge keeps its last value. */
    gauge: <N extends NameOf<"gauge">>(name: N, collect: (gauge: Gauge<LabelOf<N>>) => Promise<void>) => {
      const gauge: Gauge<LabelOf<N>> = new Gauge<LabelOf<N>>({
        ...base(name),
        collect: () => collect(gauge).catch(() => undefined),
      });
      return gauge;
    },
  };
}

/** A value as prom-client reads it; a histogram's values have names of their own, with a suffix. */
type Value = Readonly<{ labels: Readonly<Record<string, string | number | undefined>>; metricName?: string }>;

function sampleName(name: string, { labels, metricName = name }: Value): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(String(value))}`);
  return parts.length === 0 ? metricName : `${metricName}{${parts.join(",")}}`;
}
