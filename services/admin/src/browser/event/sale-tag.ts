// The state of a sale as a tag.
import { type ComponentChild, h } from "preact";
import type { SaleState } from "../../console/messages.ts";

const tones: Readonly<Record<SaleState, string>> = {
  scheduled: "warn",
  open: "ok",
  paused: "warn",
  closed: "",
  cancelled: "bad",
};

/** @param name of `nameSale` */
export function SaleTag({ state, name }: Readonly<{ state: SaleState; name: string }>): ComponentChild {
  return h("b", { class: `tag ${tones[state]}` }, name);
}
