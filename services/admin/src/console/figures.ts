// Arithmetic on the samples that processes report: what a counter gained in a second, and quantiles of a histogram.

/** Samples by name and labels, as at `/metrics`. */
export type Figures = Readonly<Record<string, number>>;

/** One process's samples of two moments. */
export type Span = Readonly<{ from: Figures; to: Figures; seconds: number }>;

const samplePattern = /^([a-z_]+)(?:\{(.*)\})?$/;
const labelPattern = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

/** The samples of one metric, with one of their labels. */
function samplesOf(figures: Figures, metric: string, label: string): [labelValue: string, value: number][] {
  return Object.entries(figures).flatMap(([sample, value]): [string, number][] => {
    const [, name, labels = ""] = samplePattern.exec(sample) ?? [];
    if (name !== metric) return [];
    const found = [...labels.matchAll(labelPattern)].find(([, key]) => key === label);
    return [[found?.[2] ?? "", value]];
  });
}

/** A metric's samples added up, by the values of one label. */
export function sumBy(figures: Figures, metric: string, label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of samplesOf(figures, metric, label)) sums.set(key, (sums.get(key) ?? 0) + value);
  return sums;
}

/** A metric's samples added up. */
export function sumOf(figures: Figures, metric: string): number {
  return [...sumBy(figures, metric, "").values()].reduce((sum, value) => sum + value, 0);
}

/** What all samples gained in each process's span. */
export function gains(spans: readonly Span[]): Figures {
  return combine(spans, ({ from, to }, sample) => (to[sample] ?? 0) - (from[sample] ?? 0));
}

/** What all samples gain a second, all processes together. */
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

/** A histogram, by its name, and the bounds of its buckets, which rise; the last one, "+Inf", is not among them. */
export type Buckets = Readonly<{ histogram: string; bounds: readonly number[] }>;

/**
 * Quantiles of what a histogram observed, by straight lines within its buckets; what lies above the last bound is taken
 * for that bound. Reports leave zeros out, so the bounds are not to be learned from them: the first bucket that is
 * reported may begin far above 0.
 *
 * @param gained what its buckets gained
 * @returns one value for each `share`, or null when nothing was observed
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

/** What a histogram observed, on average, or null when it observed nothing. */
export function mean(gained: Figures, histogram: string): number | null {
  const count = sumOf(gained, `${histogram}_count`);
  return count > 0 ? sumOf(gained, `${histogram}_sum`) / count : null;
}
