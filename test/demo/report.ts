import { styleText } from "node:util";
import type { Audit } from "@onsale/contracts/audit";
import type { Inventory } from "@onsale/contracts/inventory";
import type { Histogram } from "../bench/load/histogram.ts";
import { formatMs } from "../bench/report/format.ts";
import { renderText } from "../bench/report/table.ts";
import type { Counts, Ledger } from "./ledger.ts";
import type { Result } from "./run-demo.ts";
import type { Outcome } from "./verify.ts";

/** The percentiles of the latency table, the maximum included. */
const shownShares = [0.5, 0.95, 0.99, 1];

/** What the verdict on a demo needs. */
export type Judged = Readonly<{ ledger: Ledger; outcome: Pick<Outcome, "unchecked"> }>;

/** Whether every check was possible and found no fault. */
export function isSound({ ledger, outcome }: Judged): boolean {
  return ledger.faults().length === 0 && outcome.unchecked.length === 0;
}

/** The final report of a demo, as text for a terminal. */
export function renderReport(result: Result): string {
  const { eventCode, plan, ledger, outcome, isStopped, seconds } = result;
  const { counts } = ledger;
  const { audit, inventory, foundCount } = outcome;
  const came = `${exact(counts.started)} of ${exact(plan.buyers)} buyers came in ${seconds.toFixed(1)} s`;
  const title = `${eventCode}: ${came}${isStopped ? ", then it was stopped" : ""} (seed ${plan.seed})`;
  const lines = [
    `${exact(counts.accepted)} buyers got an order, and ${exact(counts.learned)} learned its decision.`,
    ...(audit === undefined ? [] : [countOrders(audit)]),
    describeHolds(counts),
    `${exact(counts.turnedAway)} purchases were turned away at once, because their tickets were sold out.`,
    `${exact(counts.replays)} requests came again with the same key, and each got its first order.`,
    `${exact(counts.disconnected)} buyers lost their connection.`,
    ...(counts.retried === 0 ? [] : [`${exact(counts.retried)} requests had to be repeated.`]),
    ...(counts.slowedDown === 0 ? [] : [`${exact(counts.slowedDown)} were asked to slow down (429).`]),
    ...(foundCount === undefined
      ? []
      : [`${exact(foundCount)} of the ${exact(counts.accepted)} accepted orders were found again.`]),
  ];
  return [
    styleText("bold", title),
    "",
    ...lines,
    "",
    ...(inventory === undefined ? [] : [renderStock(inventory), ""]),
    renderLatencies(result),
    "",
    ...(audit === undefined ? [] : [judgeAudit(audit)]),
    verdict(result, "Nothing was lost, nothing was oversold, and every answer was true."),
  ].join("\n");
}

function describeHolds({ held, paid, paidLate, refunds, gaveUp }: Counts): string {
  const late = `${exact(paidLate)} paid late, ${exact(refunds)} too late`;
  return `${exact(held)} buyers held their tickets first: ${exact(paid)} paid, ${late}, ${exact(gaveUp)} gave up.`;
}

function countOrders({ orders }: Audit): string {
  const { confirmed, rejected, held, expired, cancelled, total } = orders;
  const others = `${exact(held)} held, ${exact(expired)} expired, ${exact(cancelled)} cancelled`;
  return `${exact(confirmed)} of all ${exact(total)} orders are confirmed, ${exact(rejected)} rejected, ${others}.`;
}

export function judgeAudit({ ok, orders }: Audit): string {
  if (!ok) return `${styleText("red", "✘")} The audit found something wrong.`;
  return `${styleText("green", "✔")} The audit of ${exact(orders.total)} orders found nothing wrong.`;
}

/** @param praise what the checks have shown when they found no fault */
export function verdict(result: Judged, praise: string): string {
  if (isSound(result)) {
    return `${styleText("green", "✔")} ${praise}`;
  }
  const wrong = result.ledger
    .faults()
    .flatMap(({ what, count, examples }) => [
      styleText("red", `✘ ${what}: ${exact(count)} times`),
      ...examples.map((example) => `    ${example}`),
    ]);
  const unchecked = result.outcome.unchecked.map((what) => styleText("red", `✘ Could not be checked: ${what}`));
  return [...wrong, ...unchecked].join("\n");
}

function renderStock(inventory: readonly Inventory[]): string {
  const rows = inventory.map(({ ticketType, total, sold, held, available }) => [
    ticketType,
    exact(total),
    exact(sold),
    exact(held),
    available === 0 ? styleText("magenta", "sold out") : exact(available),
  ]);
  return renderText({ title: "Tickets", head: ["type", "total", "sold", "held", "left"], rows });
}

function renderLatencies({ ledger }: Result): string {
  const row = (what: string, histogram: Histogram) => [
    what,
    exact(histogram.count),
    ...shownShares.map((share) => formatMs(histogram.percentile(share) / 1_000)),
  ];
  const rows = [
    row("click to accepted", ledger.acceptLatency),
    row("accepted to decided", ledger.decisionLatency),
    row("click to known decision, waiting or streaming", ledger.learnedLatency),
  ];
  return renderText({ title: "Latency in ms", head: ["", "count", "p50", "p95", "p99", "max"], rows });
}

export function exact(value: number): string {
  return value.toLocaleString("en");
}
