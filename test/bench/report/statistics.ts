/** The median of several rounds, with the lowest and the highest value. */
export type Spread = Readonly<{ median: number; min: number; max: number }>;

/**
 * @param values at least one
 * @returns their median; with an even number of values, the mean of the two middle ones
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("a median needs at least one value");
  return (lower + upper) / 2;
}

/** @param values at least one */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The figures of several rounds, each with its spread; a figure may be missing from some of them. */
export function spreadOfEach<Name extends string>(
  rounds: readonly Readonly<Partial<Record<Name, number>>>[],
): Partial<Record<Name, Spread>> {
  const values = new Map<string, number[]>();
  for (const round of rounds) {
    for (const [name, value] of Object.entries<number | undefined>(round)) {
      if (value !== undefined && Number.isFinite(value)) values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  const result: Partial<Record<string, Spread>> = {};
  for (const [name, list] of values) result[name] = spread(list);
  return result;
}
