// The demo as it happens: a picture that is drawn again and again on a terminal, one line every other second elsewhere.
import { styleText } from "node:util";
import type { SaleSnapshot } from "@onsale/client";
import { createLogUpdate } from "log-update";
import type { Histogram } from "../bench/load/histogram.ts";
import { formatCount, formatMs } from "../bench/report/format.ts";
import { type CrowdPlan, calmShare } from "./crowd.ts";
import type { Ledger } from "./ledger.ts";
import { createRates } from "./rates.ts";

export type View = Readonly<{
  begin: (insideCount: () => number) => void;
  showSale: (sale: SaleSnapshot) => void;
  /** What is done when the crowd has gone. */
  tell: (what: string) => void;
  close: () => void;
}>;

const drawMs = 250;
const lineMs = 2_000;
const barLength = 30;
const sparks = "▁▂▃▄▅▆▇█";

type Output = NodeJS.WriteStream;

export function createView(eventCode: string, plan: CrowdPlan, ledger: Ledger, output: Output = process.stderr): View {
  const isTerminal = output.isTTY === true;
  const rates = createRates(ledger.counts);
  const startedAt = performance.now();
  let sale: SaleSnapshot | undefined;
  let insideCount = () => 0;
  let task = "";
  const picture = isTerminal ? createLogUpdate(output) : undefined;

  const draw = () => {
    rates.measure();
    const seconds = (performance.now() - startedAt) / 1_000;
    const look = { eventCode, plan, ledger, sale, seconds, inside: insideCount(), rates: rates.current(), task };
    if (picture === undefined) output.write(`${lineOf(look)}\n`);
    else picture([...pictureOf(look), "", sparkline(rates.history())].join("\n"));
  };
  const timer = setInterval(draw, isTerminal ? drawMs : lineMs);

  return {
    begin: (count) => {
      insideCount = count;
      if (!isTerminal) draw();
    },
    showSale: (snapshot) => {
      sale = snapshot;
    },
    tell: (what) => {
      task = what;
    },
    close: () => {
      clearInterval(timer);
      picture?.clear();
      picture?.done();
    },
  };
}

type Look = Readonly<{
  eventCode: string;
  plan: CrowdPlan;
  ledger: Ledger;
  sale: SaleSnapshot | undefined;
  seconds: number;
  inside: number;
  rates: Readonly<{ arrived: number; accepted: number; turnedAway: number; replays: number }>;
  task: string;
}>;

function lineOf({ ledger, sale, seconds, inside, rates, task }: Look): string {
  const { arrived } = ledger.counts;
  const stock = sale?.inventory.map(({ ticketType, available }) => `${ticketType} ${formatCount(available)}`) ?? [];
  return [
    `${seconds.toFixed(0).padStart(4)} s`,
    `${formatCount(arrived)} came, ${inside} here`,
    `${formatCount(rates.accepted)}/s accepted`,
    `${formatCount(sale?.decidedPerSecond ?? 0)}/s decided`,
    `${formatCount(rates.turnedAway)}/s turned away`,
    `accept p99 ${formatMs(ledger.acceptLatency.percentile(0.99) / 1_000)} ms`,
    ...(stock.length === 0 ? [] : [`left: ${stock.join(", ")}`]),
    ...(task === "" ? [] : [task]),
  ].join("  ");
}

function pictureOf({ eventCode, plan, ledger, sale, seconds, inside, rates, task }: Look): string[] {
  const { counts, acceptLatency, toldLatency } = ledger;
  const bold = (value: number) => styleText("bold", formatCount(value));
  const ms = (histogram: Histogram, share: number) => `${formatMs(histogram.percentile(share) / 1_000)} ms`;
  return [
    `${styleText("bold", "Onsale demo")}  ${eventCode}  seed ${plan.seed}  ${clock(seconds)} of ${clock(plan.seconds)}  ${
      task || phaseOf(seconds / plan.seconds, counts.arrived >= plan.buyers)
    }`,
    "",
    `${bold(counts.arrived)} of ${formatCount(plan.buyers)} came, ${bold(inside)} are here, ${bold(counts.vanished)} lost their connection`,
    `accepted ${bold(rates.accepted)}/s   decided ${bold(sale?.decidedPerSecond ?? 0)}/s   pending ${bold(sale?.pending ?? 0)}   turned away ${bold(rates.turnedAway)}/s   replays ${bold(rates.replays)}/s`,
    `accepted in ${ms(acceptLatency, 0.5)} (p50), ${ms(acceptLatency, 0.99)} (p99)   told after ${ms(toldLatency, 0.5)} (p50), ${ms(toldLatency, 0.99)} (p99)`,
    "",
    ...(sale?.inventory.map(stockBar) ?? []),
  ];
}

function stockBar({ ticketType, total, available }: SaleSnapshot["inventory"][number]): string {
  const full = Math.ceil((available / Math.max(1, total)) * barLength);
  const bar = styleText("green", "█".repeat(full)) + styleText("gray", "░".repeat(barLength - full));
  const left = available === 0 ? styleText("magenta", "sold out") : `${formatCount(available)} left`;
  return `${ticketType.padEnd(10)} ${bar} ${left} of ${formatCount(total)}`;
}

function phaseOf(moment: number, isOver: boolean): string {
  if (isOver) return "the last ones leave";
  if (moment < calmShare) return "calm, before the sale";
  return moment < calmShare + 0.25 ? styleText("yellow", "the rush") : "the tail";
}

/** Purchases accepted per second, over the last minute or so. */
function sparkline(values: readonly number[]): string {
  const highest = Math.max(1, ...values);
  const bars = values.map(
    (value) => sparks[Math.min(sparks.length - 1, Math.floor((value / highest) * sparks.length))],
  );
  return `${styleText("cyan", bars.join(""))} ${formatCount(values.at(-1) ?? 0)} arrivals/s, at most ${formatCount(highest)}`;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
