import { styleText } from "node:util";
import type { Environment } from "@onsale/config/load-config";
import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import type { GivenCounts } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import type { Output } from "../output/output.ts";

const processCountMax = 1_000;

export type DoctorNeeds = Pick<Output, "show"> &
  Readonly<{
    environment: () => Environment;
    /** Makes the exit code 1. */
    fail: () => void;
  }>;

/** `onsale doctor` */
export function addDoctor(program: Command, { environment, show, fail }: DoctorNeeds): void {
  const processes = wholeNumber(0, processCountMax);
  program
    .command("doctor")
    .description(
      "check settings, database, Redis, queues and gateway, and say what to do; exit code 1 when a check fails",
    )
    .option("--gateways <count>", "how many gateways will run, if more than now; default: GATEWAYS", processes)
    .option("--workers <count>", "how many workers will run, if more than now; default: WORKERS", processes)
    .option("--notifiers <count>", "how many notifiers will run, if more than now; default: NOTIFIERS", processes)
    .action(async (options: GivenCounts) => {
      // Imported on use, because it imports the settings of all services, and the clients of PostgreSQL and Redis.
      const { examine } = await import("../doctor/examine.ts");
      const findings = await examine(environment(), options);
      show(findings, renderFindings);
      if (findings.some(({ outcome }) => outcome === "failed")) fail();
    });
}

const styles = {
  ok: { mark: "✔", colour: "green" },
  warning: { mark: "!", colour: "yellow" },
  failed: { mark: "✘", colour: "red" },
} as const satisfies Record<Finding["outcome"], unknown>;

function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, outcome, detail, advice }) => {
    const { mark, colour } = styles[outcome];
    const shownDetail = outcome === "ok" ? detail : styleText(colour, detail);
    const shownAdvice = advice === undefined ? "" : `\n  ${" ".repeat(width)}  → ${advice}`;
    return `${styleText(colour, mark)} ${check.padEnd(width)}  ${shownDetail}${shownAdvice}`;
  });
  const count = (outcome: Finding["outcome"]) => findings.filter((finding) => finding.outcome === outcome).length;
  const warnings = count("warning") === 1 ? "1 warning" : `${count("warning")} warnings`;
  return [...lines, `${count("ok")} ok, ${warnings}, ${count("failed")} failed`].join("\n");
}
