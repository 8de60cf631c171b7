// Judges whether tickets come back when their hold expires or their order is cancelled; pure.
import type { HoldSummary } from "@onsale/database/statements/allocation/summarise-holds";
import { count } from "../output/text.ts";
import { type Finding, failed, ok } from "./finding.ts";

/** 100,000 holds that are due at once take up to 20 s; the alert has the same limit. */
const lateSeconds = 30;

export function judgeHolds({ ticketCount, oldestDueAgeSeconds, oldestReturnAgeSeconds }: HoldSummary): Finding {
  const check = "holds";
  const late = [
    ...(oldestDueAgeSeconds > lateSeconds ? [`a hold expired ${Math.round(oldestDueAgeSeconds)} s ago`] : []),
    ...(oldestReturnAgeSeconds > lateSeconds
      ? [`an order was cancelled ${Math.round(oldestReturnAgeSeconds)} s ago`]
      : []),
  ];
  if (late.length === 0) return ok(check, `${count(ticketCount)} tickets are held, and none is overdue`);
  const advice = "Does a worker run? See docs/runbook.md#onsaleholdsdonotexpire.";
  return failed(check, `${late.join(", and ")}, and its tickets are not on sale again`, advice);
}
