// The tiles with the figures of the whole sale.
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
import type { Live } from "../live/follow-stream.ts";

type Tile = Readonly<{ name: string; value: string; unit?: string; note: string; isAlarming?: boolean }>;

/** The tile turns red when the oldest pending order is older than this. */
const lateSeconds = 15;
/** The tile turns red when a webhook is undelivered for longer than this; the alert has the same limit. */
const undeliveredSeconds = 3_600;

/** The most important figures of the sale, in large type. */
export function Tiles({ live }: { live: Live }): ComponentChild {
  return h("section", { class: "tiles", "aria-label": "Current figures" }, tiles(live).map(present));
}

function present({ name, value, unit, note, isAlarming }: Tile): ComponentChild {
  return h(
    "div",
    { class: isAlarming === true ? "card tile bad" : "card tile", key: name },
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

/** The note below a figure; while the figure cannot be read, since when that is. */
function noteOrStale(since: number | null, note: string | undefined): string {
  if (since !== null) return `not updated since ${formatTime(since)}`;
  return note ?? "loading …";
}

function pendingTile(pending: Pending | undefined, since: number | null): Tile {
  const oldest = pending === undefined ? undefined : `oldest ${formatSeconds(pending.oldestAgeSeconds)}`;
  return {
    name: "Pending",
    value: pending === undefined ? nothing : formatCount(pending.count),
    note: noteOrStale(since, pending?.count === 0 ? "none pending" : oldest),
    isAlarming: since !== null || (pending?.oldestAgeSeconds ?? 0) > lateSeconds,
  };
}

function webhooksTile(webhooks: WebhookLines | undefined, since: number | null): Tile {
  const { failing = 0, oldestUndeliveredSeconds = 0 } = webhooks ?? {};
  return {
    name: "Webhooks",
    value: webhooks === undefined ? nothing : formatSeconds(oldestUndeliveredSeconds),
    note: noteOrStale(since, webhooks && `${webhooks.enabled} endpoints, ${failing} failing`),
    isAlarming: since !== null || failing > 0 || oldestUndeliveredSeconds > undeliveredSeconds,
  };
}
