// How fast an event sells, from two samples.
import type { EventLine } from "../messages/messages.ts";

/** How much of an event was sold and decided at one time. */
export type SaleSample = Readonly<{ atMs: number; sold: number; decided: number }>;

/** A search can read an event milliseconds after the stream did; the difference of two such samples gives no rate. */
const spanMinMs = 500;

/** An event's rates between two samples, in whole numbers per second; 0 while the samples are missing or too close. */
export function saleRateBetween(
  first: SaleSample | undefined,
  last: SaleSample,
): Pick<EventLine, "soldPerSecond" | "decidedPerSecond"> {
  const spanMs = first === undefined ? 0 : last.atMs - first.atMs;
  if (first === undefined || spanMs < spanMinMs) return { soldPerSecond: 0, decidedPerSecond: 0 };
  const perSecond = (gain: number) => Math.max(0, Math.round((gain * 1_000) / spanMs));
  return {
    soldPerSecond: perSecond(last.sold - first.sold),
    decidedPerSecond: perSecond(last.decided - first.decided),
  };
}
