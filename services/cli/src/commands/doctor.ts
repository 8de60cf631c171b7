import { styleText } from "node:util";
import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import type { GivenCounts } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import type { Parts } from "../parts.ts";

const processCountMax = 1_000;

/** `onsale doctor` */
export function addDoctor(program: Command, { environment, show, fail }: Parts): void {
  const processes = wholeNumber(0, processCountMax);
  program
    .command("doctor")
    .description("look at settings, database, Redis and gateway, and say what to do; exit code 1 when something fails")
    .option("--gateways <count>", "gateways that run in all, when more than do now; else GATEWAYS", processes)
    .option("--workers <count>", "workers, likewise; else WORKERS", processes)
    .option("--notifiers <count>", "notifiers, likewise; else NOTIFIERS", processes)
    .action(async (options: GivenCounts) => {
      // Loaded only here: it knows the settings of all services, and both databases.
      const { examine } = await import("../doctor/examine.ts");
      const findings = await examine(environment(), options);
      show(findings, renderFindings);
      if (findings.some(({ outcome }) => outcome === "failed")) fail();
    });
}

const looks = {
  ok: { mark: "✔", colour: "green" },
  warning: { mark: "!", colour: "yellow" },
  failed: { mark: "✘", colour: "red" },
} as const satisfies Record<Finding["outcome"], unknown>;

function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, outcome, detail, advice }) => {
    const { mark, colour } = looks[outcome];
    const does = advice === undefined ? "" : `\n  ${" ".repeat(width)}  → ${advice}`;
    return `${styleText(colour, mark)} ${check.padEnd(width)}  ${outcome === "ok" ? detail : styleText(colour, detail)}${does}`;
  });
  const count = (outcome: Finding["outcome"]) => findings.filter((finding) => finding.outcome === outcome).length;
  const warnings = count("warning") === 1 ? "1 warning" : `${count("warning")} warnings`;
  return [...lines, `${count("ok")} ok, ${warnings}, ${count("failed")} failed`].join("\n");
}
