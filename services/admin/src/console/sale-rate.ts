import type { EventLine } from "./messages.ts";

/** Where an event stood at a moment. */
export type Reading = Readonly<{ atMs: number; sold: number; decided: number }>;

/** Two readings can follow each other within milliseconds, when somebody looks; what came between is no rate yet. */
const spanMinMs = 500;

/** How fast an event got from one reading to a later one, in whole numbers a second; 0 as long as that is not known. */
export function paceBetween(
  first: Reading | undefined,
  last: Reading,
): Pick<EventLine, "soldPerSecond" | "decidedPerSecond"> {
  const spanMs = first === undefined ? 0 : last.atMs - first.atMs;
  if (first === undefined || spanMs < spanMinMs) return { soldPerSecond: 0, decidedPerSecond: 0 };
  const perSecond = (gain: number) => Math.max(0, Math.round((gain * 1_000) / spanMs));
  return {
    soldPerSecond: perSecond(last.sold - first.sold),
    decidedPerSecond: perSecond(last.decided - first.decided),
  };
}
