// A histogram of durations, after HdrHistogram: each value up to 127 µs has its own bucket, and each doubling above has
// 64 buckets. So every percentile is exact to 1.6 %, and a million values need as much memory as one.

const subBucketBits = 6;
const subBucketCount = 1 << subBucketBits;
const valueMax = 2 ** 31 - 1;
const bucketCount = (31 - subBucketBits + 1) * subBucketCount;

/** The non-empty buckets, index and count, as processes send them to each other. */
export type HistogramData = readonly (readonly [number, number])[];

export class Histogram {
  readonly #counts = new Float64Array(bucketCount);
  #total = 0;

  get count(): number {
    return this.#total;
  }

  /** @param microseconds is rounded, and limited to the range from 0 to 35 minutes */
  record(microseconds: number): void {
    const index = bucketOf(Math.min(valueMax, Math.max(0, Math.round(microseconds))));
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total++;
  }

  /** Adds the counts of another histogram. */
  add(data: HistogramData): void {
    for (const [index, count] of data) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count;
      this.#total += count;
    }
  }

  /**
   * @param share such as 0.99
   * @returns in microseconds, the middle of the bucket that holds it; NaN when nothing was recorded
   */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank && count > 0) return middleOf(index);
    }
    return Number.NaN;
  }

  toData(): HistogramData {
    return [...this.#counts.entries()].filter(([, count]) => count > 0);
  }
}

function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - subBucketBits);
  return (shift << subBucketBits) + (value >>> shift);
}

function middleOf(index: number): number {
  if (index < 2 * subBucketCount) return index;
  const shift = (index >> subBucketBits) - 1;
  const low = (index - (shift << subBucketBits)) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}
