// The frame of a panel.
import { type ComponentChild, type ComponentChildren, h } from "preact";
import { Stale } from "./notes.ts";

type PanelProps = Readonly<{
  title: string;
  link?: ComponentChild;
  /** Since when its content has not been updated, in milliseconds since 1970. */
  since?: number | null | undefined;
  children?: ComponentChildren;
}>;

/** A card with a title; what is wider than the card scrolls within it. */
export function Panel({ title, link, since, children }: PanelProps): ComponentChild {
  return h(
    "section",
    { class: "card panel", "aria-label": title },
    h("div", { class: "heading" }, h("h2", null, title), link),
    h(Stale, { what: "This panel", since }),
    h("div", { class: "scrolling", tabIndex: 0, role: "group", "aria-label": title }, children),
  );
}

/** In place of what has not been read yet. */
export function Loading(): ComponentChild {
  return h("p", { class: "quiet" }, "Loading …");
}
