// How fast an event has been selling for some minutes, for forecasts of its sell-out.
export type SoldSample = Readonly<{ atMs: number; sold: number }>;

/** The samples that count. */
export const paceSpanMs = 120_000;
/** A sale that has just begun, or a page that was just opened, has no steady pace. */
const spanMinMs = 20_000;
/** Fewer tickets than this are no pace. */
const soldMin = 10;
/** The span is cut into so many parts, in each of which the pace must be within these bounds of the mean. */
const partCount = 4;
const shareMin = 0.5;
const shareMax = 2;

/**
 * Tickets sold per second within the samples; null when they are too few, or were sold too unsteadily to say how it
 * goes on.
 *
 * @param samples the oldest first
 */
export function steadyPace(samples: readonly SoldSample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return null;
  const spanMs = last.atMs - first.atMs;
  const sold = last.sold - first.sold;
  if (spanMs < spanMinMs || sold < soldMin) return null;
  const soldUntil = (part: number) => soldAt(samples, first.atMs + (spanMs * part) / partCount) - first.sold;
  for (let part = 0; part < partCount; part++) {
    const share = ((soldUntil(part + 1) - soldUntil(part)) * partCount) / sold;
    if (share < shareMin || share > shareMax) return null;
  }
  return (sold * 1_000) / spanMs;
}

/** What was sold at a time, by linear interpolation. */
function soldAt(samples: readonly SoldSample[], atMs: number): number {
  const next = samples.findIndex((sample) => sample.atMs >= atMs);
  const after = samples[next] ?? samples.at(-1);
  const before = samples[next - 1];
  if (after === undefined) return 0;
  if (before === undefined) return after.sold;
  return before.sold + ((after.sold - before.sold) * (atMs - before.atMs)) / (after.atMs - before.atMs);
}
