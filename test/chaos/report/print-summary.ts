import { formatCount } from "../../bench/report/format.ts";
import type { FaultSummary, Summary } from "./summary.ts";

const nameWidth = 58;
const ms = (value: number | null) => (value === null ? "-" : `${formatCount(value)} ms`);

/** The report of a run, as text. */
export function printSummary(summary: Summary): string {
  const { options, orders, violations, toothless, missing, holds, unexpectedEnds, settledAfterMs } = summary;
  const count = (number: number) => formatCount(number);
  const byStatus = Object.entries(orders).map(([status, number]) => `${count(number)} ${status.toLowerCase()}`);
  const problems = Object.entries(summary.problems).map(([problem, number]) => `${count(number)} ${problem}`);
  return [
    `${options.backend} queues, seed ${options.seed}, ${summary.seconds} s, ${options.rate} buyers a second, ${options.leaverShare} of them only buy, ${options.pauseSeconds} s between faults`,
    "",
    `${count(summary.accepted)} orders: ${byStatus.join(", ")}`,
    `${count(summary.purchases)} purchases, ${count(summary.duplicates)} of them with a key that was used before`,
    `${count(summary.calls)} calls, ${count(summary.unknown)} without an answer; problems: ${problems.join(", ") || "none"}`,
    `${count(holds.expired)} holds expired, ${ms(holds.lateMedianMs)} after their time (median), ${ms(holds.lateMaxMs)} at most`,
    `${count(summary.webhooks)} webhooks received, ${count(summary.webhookRepetitions)} of them again; the receiver failed ${count(summary.receiverFailures)} times on purpose`,
    `${count(summary.saleChanges)} changes of sales; ${count(summary.turnedAway)} buyers did not come because too many were there`,
    settledAfterMs === null
      ? "NOT ALL WORK WAS DONE IN TIME"
      : `all work was done ${ms(settledAfterMs)} after the load`,
    ...(unexpectedEnds.length === 0 ? [] : [`ended by themselves: ${unexpectedEnds.join(", ")}`]),
    "",
    `${"fault".padEnd(nameWidth)}${"injected".padStart(9)}${"bit".padStart(6)}${"hits".padStart(8)}   recovery, median and longest`,
    ...summary.faults.map(printFault),
    ...summary.faults.flatMap(({ name, errors }) => errors.slice(0, 1).map((error) => `  ${name}: ${error}`)),
    "",
    ...(toothless.length === 0
      ? []
      : [`These never bit, so this run says nothing about them: ${toothless.join(", ")}`]),
    ...(missing.length === 0
      ? []
      : [`Not tried, because there is no Redis, or no file system may be mounted: ${missing.join(", ")}`]),
    ...(violations.length === 0 ? ["No violation: nothing that was accepted was lost."] : ["VIOLATIONS"]),
    ...violations.flatMap(({ what, count: number, examples }) => [
      `${count(number).padStart(8)}  ${what}`,
      ...examples.map((example) => `            ${example}`),
    ]),
  ].join("\n");
}

function printFault({ name, injected, bit, hits, recoveryMedianMs, recoveryMaxMs }: FaultSummary): string {
  const figures = [String(injected).padStart(9), String(bit).padStart(6), formatCount(hits).padStart(8)].join("");
  return `${name.padEnd(nameWidth)}${figures}   ${ms(recoveryMedianMs)}, ${ms(recoveryMaxMs)}`;
}
