// The buttons under a list whose newest entries come first.
import { type ComponentChild, h } from "preact";

type PagerProps = Readonly<{
  /** After which entry the shown page begins; null for the newest ones. */
  after: string | null;
  next: string | null;
  go: (after: string | null) => void;
}>;

/** Nothing when all entries are shown. */
export function Pager({ after, next, go }: PagerProps): ComponentChild {
  if (after === null && next === null) return null;
  return h(
    "div",
    { class: "heading" },
    after === null ? h("span", null) : h("button", { type: "button", onClick: () => go(null) }, "Newest"),
    next === null ? null : h("button", { type: "button", onClick: () => go(next) }, "Older"),
  );
}
