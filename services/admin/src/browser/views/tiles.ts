import { type ComponentChild, h } from "preact";
import type { Pending, WebhookLines } from "../../console/messages.ts";
import {
  formatCount,
  formatMean,
  formatMilliseconds,
  formatRate,
  formatSeconds,
  formatTime,
  nothing,
} from "../format.ts";
import type { Live } from "../live/live.ts";

type Tile = Readonly<{ name: string; value: string; unit?: string; note: string; isBad?: boolean }>;

/** An order that waits longer than this is late. */
const lateSeconds = 15;
/** A webhook that has been undelivered for longer than this, as the alert has it. */
const undeliveredSeconds = 3_600;

/** The figures of the sale, large. */
export function Tiles({ live }: { live: Live }): ComponentChild {
  return h("section", { class: "tiles", "aria-label": "The sale at present" }, tiles(live).map(present));
}

function present({ name, value, unit, note, isBad }: Tile): ComponentChild {
  return h(
    "div",
    { class: isBad === true ? "card tile bad" : "card tile", key: name },
    h("h2", null, name),
    h("p", { class: "value" }, value, unit === undefined ? null : h("small", null, ` ${unit}`)),
    h("p", { class: "quiet small" }, note),
  );
}

function tiles({ sections: { totals, pending, webhooks, health } }: Live): Tile[] {
  if (totals === undefined) return [];
  const { accepted, decided, confirmed, rejected, turnedAway, ticketsSold, conflicts, retries } = totals;
  return [
    {
      name: "Decided",
      value: formatRate(decided.perSecond),
      unit: "/s",
      note: `${formatCount(confirmed.total)} confirmed, ${formatCount(rejected.total)} rejected`,
    },
    {
      name: "Accepted",
      value: formatRate(accepted.perSecond),
      unit: "/s",
      note: `${formatRate(turnedAway.perSecond)}/s turned away`,
    },
    {
      name: "Tickets sold",
      value: formatRate(ticketsSold.perSecond),
      unit: "/s",
      note: `${formatCount(ticketsSold.total)} since start`,
    },
    {
      name: "Decision time",
      value: formatMilliseconds(totals.p50),
      note: `p95 ${formatMilliseconds(totals.p95)}, p99 ${formatMilliseconds(totals.p99)}`,
    },
    pendingTile(pending, health?.pending.since ?? null),
    {
      name: "Batch size",
      value: formatMean(totals.allocationBatch),
      note: `${formatMean(totals.acceptBatch)} in an insert`,
    },
    {
      name: "Conflicts",
      value: formatRate(conflicts.perSecond),
      unit: "/s",
      note: `${formatCount(conflicts.total)} since start, ${formatCount(retries.total)} retries`,
    },
    webhooksTile(webhooks, health?.webhooks.since ?? null),
  ];
}

/** Of a figure that cannot be asked for, what it was must not pass for what it is. */
function noteUnlessUnknown(since: number | null, note: string | undefined): string {
  if (since !== null) return `not known since ${formatTime(since)}`;
  return note ?? "not known yet";
}

function pendingTile(pending: Pending | undefined, since: number | null): Tile {
  const oldest = pending === undefined ? undefined : `oldest ${formatSeconds(pending.oldestAgeSeconds)}`;
  return {
    name: "Pending",
    value: pending === undefined ? nothing : formatCount(pending.count),
    note: noteUnlessUnknown(since, pending?.count === 0 ? "nothing waits" : oldest),
    isBad: since !== null || (pending?.oldestAgeSeconds ?? 0) > lateSeconds,
  };
}

function webhooksTile(webhooks: WebhookLines | undefined, since: number | null): Tile {
  const { failing = 0, oldestUndeliveredSeconds = 0 } = webhooks ?? {};
  return {
    name: "Webhooks",
    value: webhooks === undefined ? nothing : formatSeconds(oldestUndeliveredSeconds),
    note: noteUnlessUnknown(since, webhooks && `${webhooks.enabled} endpoints, ${failing} failing`),
    isBad: since !== null || failing > 0 || oldestUndeliveredSeconds > undeliveredSeconds,
  };
}
