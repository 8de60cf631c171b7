// What is said when a view shows less than the truth.
import { type ComponentChild, h } from "preact";
import { formatTime } from "../format.ts";

type FailureProps = Readonly<{ failure: string | undefined; isKnown: boolean }>;

/** Why the latest question failed, beside what is known from before. */
export function Failure({ failure, isKnown }: FailureProps): ComponentChild {
  if (failure === undefined) return null;
  return h("p", { class: "alert", role: "alert" }, isKnown ? `${failure} What you see is from before.` : failure);
}

type UnknownProps = Readonly<{ what: string; since: number | null | undefined }>;

/** Since when something has not been known: what it was must not pass for what it is. */
export function Unknown({ what, since }: UnknownProps): ComponentChild {
  if (since == null) return null;
  return h(
    "p",
    { class: "bad small", role: "status" },
    `${what} not known since ${formatTime(since)}; you see how it was then.`,
  );
}
