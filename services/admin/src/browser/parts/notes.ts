// Notes that a view shows when its values may be out of date.
import { type ComponentChild, h } from "preact";
import { formatTime } from "../format.ts";

type FailureProps = Readonly<{ failure: string | undefined; hasValue: boolean }>;

/** Why the latest request failed; an older value may still be shown beside it. */
export function Failure({ failure, hasValue }: FailureProps): ComponentChild {
  if (failure === undefined) return null;
  return h("p", { class: "alert", role: "alert" }, hasValue ? `${failure} You see the last known values.` : failure);
}

type StaleProps = Readonly<{ what: string; since: number | null | undefined }>;

/** Says since when something has not been updated, so that nobody takes an old value for the present one. */
export function Stale({ what, since }: StaleProps): ComponentChild {
  if (since == null) return null;
  return h(
    "p",
    { class: "bad small", role: "status" },
    `${what} has not been updated since ${formatTime(since)}; you see the last known values.`,
  );
}
