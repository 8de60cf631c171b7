// The state of a sale, in words. Without Preact, so that tests can run it in Node.
import type { EventLine } from "../../console/messages/messages.ts";
import { formatDateTime, formatSeconds } from "../format.ts";

type Sale = Pick<EventLine, "saleState" | "opensAt" | "closesAt">;

function formatUntil(at: string, nowMs: number): string {
  const seconds = (Date.parse(at) - nowMs) / 1_000;
  return seconds < 1 ? "now" : `in ${formatSeconds(Math.ceil(seconds))}`;
}

/** The state in a word or two, with the time until a scheduled sale opens. */
export function nameSale({ saleState, opensAt }: Sale, nowMs: number): string {
  return saleState === "scheduled" && opensAt !== null ? `opens ${formatUntil(opensAt, nowMs)}` : saleState;
}

/** The state in a sentence, with its times. */
export function describeSale({ saleState, opensAt, closesAt }: Sale, nowMs: number): string {
  const end = closesAt === null ? "without end" : `until ${formatDateTime(closesAt)}`;
  const isToOpen = opensAt !== null && Date.parse(opensAt) > nowMs;
  switch (saleState) {
    case "scheduled":
      return opensAt === null ? "" : `Opens on ${formatDateTime(opensAt)}, and is open ${end}.`;
    case "open":
      return closesAt === null ? "Open without end." : `Open ${end}: closes ${formatUntil(closesAt, nowMs)}.`;
    case "paused": {
      const times = isToOpen ? ` It is to open on ${formatDateTime(opensAt)}, ${end}.` : ` It is to be open ${end}.`;
      return `Nobody can buy; holds and payments go on.${times}`;
    }
    case "closed":
      return closesAt === null ? "" : `Closed since ${formatDateTime(closesAt)}.`;
    case "cancelled":
      return "Nobody can buy any more.";
  }
}
