// Arithmetic on the samples that processes report: sums and rates of counters, quantiles and means of histograms.

/** Values of samples, by name and labels as `/metrics` has them. */
export type Figures = Readonly<Record<string, number>>;

/** One process's samples at two times. */
export type Span = Readonly<{ from: Figures; to: Figures; seconds: number }>;

const samplePattern = /^([a-z_]+)(?:\{(.*)\})?$/;
const labelPattern = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

/** The samples of one metric, by the value of one label; "" when they do not have it. */
function samplesOf(figures: Figures, metric: string, label: string): [labelValue: string, value: number][] {
  return Object.entries(figures).flatMap(([sample, value]): [string, number][] => {
    const [, name, labels = ""] = samplePattern.exec(sample) ?? [];
    if (name !== metric) return [];
    const found = [...labels.matchAll(labelPattern)].find(([, key]) => key === label);
    return [[found?.[2] ?? "", value]];
  });
}

/** Sums a metric's samples by the values of one label. */
export function sumBy(figures: Figures, metric: string, label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of samplesOf(figures, metric, label)) sums.set(key, (sums.get(key) ?? 0) + value);
  return sums;
}

/** Sums all samples of a metric. */
export function sumOf(figures: Figures, metric: string): number {
  return [...sumBy(figures, metric, "").values()].reduce((sum, value) => sum + value, 0);
}

/** How much each sample rose within the spans, summed over all processes. */
export function gains(spans: readonly Span[]): Figures {
  return combine(spans, ({ from, to }, sample) => (to[sample] ?? 0) - (from[sample] ?? 0));
}

/** How much each sample rose per second, summed over all processes. */
export function rates(spans: readonly Span[]): Figures {
  return combine(spans, ({ from, to, seconds }, sample) => ((to[sample] ?? 0) - (from[sample] ?? 0)) / seconds);
}

function combine(spans: readonly Span[], value: (span: Span, sample: string) => number): Figures {
  const sums = new Map<string, number>();
  for (const span of spans) {
    for (const sample of Object.keys(span.to)) sums.set(sample, (sums.get(sample) ?? 0) + value(span, sample));
  }
  return Object.fromEntries(sums);
}

/** A histogram's name, and the bounds of its buckets in ascending order, without "+Inf". */
export type Buckets = Readonly<{ histogram: string; bounds: readonly number[] }>;

/**
 * Quantiles of a histogram's observations, by linear interpolation within its buckets. Observations above the last
 * bound count as that bound. Reports leave out samples that are 0, so the bounds cannot be read from them: the first
 * reported bucket may begin far above 0.
 *
 * @param gained by how much the buckets rose
 * @param shares between 0 and 1
 * @returns one quantile for each share, or null when nothing was observed
 */
export function quantiles(
  gained: Figures,
  { histogram, bounds }: Buckets,
  shares: readonly number[],
): (number | null)[] {
  const counts = sumBy(gained, `${histogram}_bucket`, "le");
  const buckets = bounds.map((bound) => ({ bound, count: counts.get(String(bound)) ?? 0 }));
  const all = counts.get("+Inf") ?? 0;
  if (all <= 0) return shares.map(() => null);
  return shares.map((share) => {
    const wanted = share * all;
    let below = { bound: 0, count: 0 };
    for (const bucket of buckets) {
      if (bucket.count >= wanted) {
        const part = bucket.count === below.count ? 1 : (wanted - below.count) / (bucket.count - below.count);
        return below.bound + (bucket.bound - below.bound) * part;
      }
      below = bucket;
    }
    return below.bound;
  });
}

/** The mean of a histogram's observations, or null when there were none. */
export function mean(gained: Figures, histogram: string): number | null {
  const count = sumOf(gained, `${histogram}_count`);
  return count > 0 ? sumOf(gained, `${histogram}_sum`) / count : null;
}
