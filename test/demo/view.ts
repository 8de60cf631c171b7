// Shows a running demo: a display that is redrawn on a terminal, one line every two seconds elsewhere.
import { styleText } from "node:util";
import type { SaleSnapshot } from "@onsale/client";
import { createLogUpdate } from "log-update";
import type { Histogram } from "../bench/load/histogram.ts";
import { formatCount, formatMs } from "../bench/report/format.ts";
import { type CrowdPlan, calmShare } from "./crowd.ts";
import type { Ledger } from "./ledger.ts";
import { createRates } from "./rates.ts";

export type View = Readonly<{
  begin: (activeCount: () => number) => void;
  showSale: (sale: SaleSnapshot) => void;
  /** Shows which check runs after the sale. */
  showTask: (text: string) => void;
  close: () => void;
}>;

const drawMs = 250;
const lineMs = 2_000;
const barLength = 30;
const sparks = "▁▂▃▄▅▆▇█";

type Output = NodeJS.WriteStream;

/** What happens at a moment of the sale, from 0 to 1. */
export type PhaseOf = (moment: number, isOver: boolean) => string;

export type CreateView = (eventCode: string, plan: CrowdPlan, ledger: Ledger, phaseOf?: PhaseOf) => View;

export function createView(
  eventCode: string,
  plan: CrowdPlan,
  ledger: Ledger,
  phaseOf: PhaseOf = phaseOfOnSale,
  output: Output = process.stderr,
): View {
  const isTerminal = output.isTTY === true;
  const rates = createRates(ledger.counts);
  const startedAt = performance.now();
  let sale: SaleSnapshot | undefined;
  let activeCount = () => 0;
  let task = "";
  const display = isTerminal ? createLogUpdate(output) : undefined;

  const draw = () => {
    rates.measure();
    const seconds = (performance.now() - startedAt) / 1_000;
    const phase = phaseOf(seconds / plan.seconds, ledger.counts.started >= plan.buyers);
    const state = {
      eventCode,
      plan,
      ledger,
      sale,
      seconds,
      active: activeCount(),
      rates: rates.current(),
      task,
      phase,
    };
    if (display === undefined) output.write(`${lineOf(state)}\n`);
    else display([...displayOf(state), "", sparkline(rates.history())].join("\n"));
  };
  const timer = setInterval(draw, isTerminal ? drawMs : lineMs);

  return {
    begin: (count) => {
      activeCount = count;
      if (!isTerminal) draw();
    },
    showSale: (snapshot) => {
      sale = snapshot;
    },
    showTask: (text) => {
      task = text;
    },
    close: () => {
      clearInterval(timer);
      display?.clear();
      display?.done();
    },
  };
}

type State = Readonly<{
  eventCode: string;
  plan: CrowdPlan;
  ledger: Ledger;
  sale: SaleSnapshot | undefined;
  seconds: number;
  active: number;
  rates: Readonly<{ started: number; accepted: number; turnedAway: number; replays: number }>;
  task: string;
  phase: string;
}>;

function lineOf({ ledger, sale, seconds, active, rates, task }: State): string {
  const { started } = ledger.counts;
  const stock = sale?.inventory.map(({ ticketType, available }) => `${ticketType} ${formatCount(available)}`) ?? [];
  return [
    `${seconds.toFixed(0).padStart(4)} s`,
    `${formatCount(started)} came, ${active} active`,
    `${formatCount(rates.accepted)}/s accepted`,
    `${formatCount(sale?.decidedPerSecond ?? 0)}/s decided`,
    `${formatCount(rates.turnedAway)}/s turned away`,
    `accept p99 ${formatMs(ledger.acceptLatency.percentile(0.99) / 1_000)} ms`,
    ...(stock.length === 0 ? [] : [`left: ${stock.join(", ")}`]),
    ...(task === "" ? [] : [task]),
  ].join("  ");
}

function displayOf({ eventCode, plan, ledger, sale, seconds, active, rates, task, phase }: State): string[] {
  const { counts, acceptLatency, learnedLatency } = ledger;
  const bold = (value: number) => styleText("bold", formatCount(value));
  const ms = (histogram: Histogram, share: number) => `${formatMs(histogram.percentile(share) / 1_000)} ms`;
  const percentiles = (histogram: Histogram) => `${ms(histogram, 0.5)} (p50), ${ms(histogram, 0.99)} (p99)`;
  return [
    [
      styleText("bold", "Onsale demo"),
      eventCode,
      `seed ${plan.seed}`,
      `${clock(seconds)} of ${clock(plan.seconds)}`,
      task || phase,
    ].join("  "),
    "",
    [
      `${bold(counts.started)} of ${formatCount(plan.buyers)} came`,
      `${bold(active)} are active`,
      `${bold(counts.disconnected)} lost their connection`,
    ].join(", "),
    [
      `accepted ${bold(rates.accepted)}/s`,
      `decided ${bold(sale?.decidedPerSecond ?? 0)}/s`,
      `pending ${bold(sale?.pending ?? 0)}`,
      `turned away ${bold(rates.turnedAway)}/s`,
      `replays ${bold(rates.replays)}/s`,
    ].join("   "),
    `accepted in ${percentiles(acceptLatency)}   decision known after ${percentiles(learnedLatency)}`,
    "",
    ...(sale?.inventory.map(stockBar) ?? []),
  ];
}

/** What is drawn as a bar: a ticket type, or a pool. */
export type Bar = Readonly<{ name: string; total: number; held: number; available: number; note?: string }>;

function stockBar({ ticketType, ...stock }: SaleSnapshot["inventory"][number]): string {
  return renderBar({ name: ticketType, ...stock });
}

/** What is left, then what is held. */
export function renderBar({ name, total, held, available, note = "" }: Bar): string {
  const full = Math.ceil((available / Math.max(1, total)) * barLength);
  const heldLength = Math.min(barLength - full, Math.ceil((held / Math.max(1, total)) * barLength));
  const bar = [
    styleText("green", "█".repeat(full)),
    styleText("yellow", "▒".repeat(heldLength)),
    styleText("gray", "░".repeat(barLength - full - heldLength)),
  ];
  const left = available === 0 ? styleText("magenta", "sold out") : `${formatCount(available)} left`;
  const alsoHeld = held === 0 ? "" : `, ${formatCount(held)} held`;
  const more = note === "" ? "" : `, ${note}`;
  return `${name.padEnd(10)} ${bar.join("")} ${left} of ${formatCount(total)}${alsoHeld}${more}`;
}

function phaseOfOnSale(moment: number, isOver: boolean): string {
  if (isOver) return "the last buyers end";
  if (moment < calmShare) return "calm, before the sale";
  return moment < calmShare + 0.25 ? styleText("yellow", "the rush") : "the tail";
}

/** Buyers started per second, over the last minute. */
function sparkline(values: readonly number[]): string {
  const highest = Math.max(1, ...values);
  const bars = values.map(
    (value) => sparks[Math.min(sparks.length - 1, Math.floor((value / highest) * sparks.length))],
  );
  const current = formatCount(values.at(-1) ?? 0);
  return `${styleText("cyan", bars.join(""))} ${current} buyers/s, at most ${formatCount(highest)}`;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
