// The state of a sale, in words.
import { type ComponentChild, h } from "preact";
import type { EventLine, SaleState } from "../../console/messages.ts";
import { formatDateTime, formatSeconds } from "../format.ts";
import type { Live } from "../live/follow-stream.ts";

type Sale = Pick<EventLine, "saleState" | "opensAt" | "closesAt">;

const tones: Readonly<Record<SaleState, string>> = {
  scheduled: "warn",
  open: "ok",
  paused: "warn",
  closed: "",
  cancelled: "bad",
};

/** The present time by the server's clock, from its last message: that of the browser may be wrong. */
export function serverNow({ points }: Live): number {
  return points.at(-1)?.atMs ?? Date.now();
}

function formatUntil(at: string, nowMs: number): string {
  const seconds = (Date.parse(at) - nowMs) / 1_000;
  return seconds < 1 ? "now" : `in ${formatSeconds(Math.ceil(seconds))}`;
}

/** The state in a word or two, with the time until a scheduled sale opens. */
export function nameSale({ saleState, opensAt }: Sale, nowMs: number): string {
  return saleState === "scheduled" && opensAt !== null ? `opens ${formatUntil(opensAt, nowMs)}` : saleState;
}

/** @param name of `nameSale` */
export function SaleTag({ state, name }: Readonly<{ state: SaleState; name: string }>): ComponentChild {
  return h("b", { class: `tag ${tones[state]}` }, name);
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
      return "Nobody can buy, and all orders are cancelled.";
  }
}
