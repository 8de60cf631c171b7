import { styleText } from "node:util";
import type { Audit } from "@onsale/contracts/audit";
import type { Command } from "commander";
import { type ApiSource, call, pathOf } from "../api/call.ts";
import { eventCode } from "../arguments.ts";
import type { Output } from "../output/output.ts";
import { count, plain, time } from "../output/text.ts";

export type AuditNeeds = Pick<Output, "show"> &
  Readonly<{
    api: ApiSource;
    /** Makes the exit code 1. */
    fail: () => void;
  }>;

/** `onsale audit CODE` */
export function addAudit(program: Command, { api, show, fail }: AuditNeeds): void {
  program
    .command("audit")
    .description(
      "check an event for oversold tickets, lost orders and decisions out of order; exit code 1 when any is found",
    )
    .argument("<event>", "the event's code", eventCode)
    .action(async (code: string) => {
      const audit = await call(api(), { method: "GET", path: pathOf("events", code, "audit") }, "Audit");
      show(audit, renderAudit);
      if (!audit.ok) fail();
    });
}

function renderAudit({ eventCode: code, ok, checkedAt, orders, checks }: Audit): string {
  const lines = checks.flatMap((check) => {
    const name = `${check.invariant}  ${check.name}`;
    if (check.ok) return [`${styleText("green", "✔")} ${name}`];
    const examples = check.examples.map((example) => `     ${plain(example)}`);
    return [styleText("red", `✘ ${name}: ${count(check.violations)} violations`), ...examples];
  });
  const byStatus = Object.entries(orders).map(([status, number]) => `${count(number)} ${status}`);
  const verdict = ok ? styleText("green", "Everything is in order.") : styleText("red", "Something is wrong.");
  return [`${code} at ${time(checkedAt)}: ${byStatus.join(", ")}`, ...lines, verdict].join("\n");
}
