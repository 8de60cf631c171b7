// The state of a sale as a tag.
import { type ComponentChild, h } from "preact";
import type { SaleState } from "../../console/messages/messages.ts";

/** Red is left to what somebody has to look at: a cancelled event is not. */
const tones: Readonly<Record<SaleState, string>> = {
  scheduled: "soon",
  open: "ok",
  paused: "warn",
  closed: "",
  cancelled: "",
};

/** @param name of `nameSale` */
export function SaleTag({ state, name }: Readonly<{ state: SaleState; name: string }>): ComponentChild {
  return h("b", { class: `tag ${tones[state]}` }, name);
}
