// The state of a webhook endpoint, in a word and in a sentence.
import { type ComponentChild, h } from "preact";
import type { EndpointLine } from "../../console/messages/webhook-messages.ts";
import { formatCount, formatDateTime, formatTime } from "../format.ts";

const tones = { working: "ok", failing: "bad", disabled: "warn" } as const;

export function EndpointTag({ endpoint: { state } }: Readonly<{ endpoint: EndpointLine }>): ComponentChild {
  return h("b", { class: `tag ${tones[state]}` }, state);
}

/** Since when it is in this state, and why; empty for one that works. */
export function describeState({ failingSince, disabledAt, disabledReason }: EndpointLine): string {
  if (disabledAt !== null) return `since ${formatTime(disabledAt)}. ${disabledReason ?? ""}`;
  return failingSince === null ? "" : `all attempts since ${formatTime(failingSince)} have failed`;
}

/** Deliveries that are still to be sent; counting them ends somewhere. */
export function formatPending({ pending, isPendingMore }: EndpointLine): string {
  return isPendingMore ? `more than ${formatCount(pending)}` : formatCount(pending);
}

/** When something happened last; only the newest deliveries are looked through. */
export function LastTime({ at }: Readonly<{ at: string | null }>): ComponentChild {
  if (at === null) return h("span", { class: "quiet" }, "not lately");
  return h("time", { dateTime: at, title: formatDateTime(at) }, formatTime(at));
}
