import { styleText } from "node:util";
import { type Environment, loadConfig } from "@onsale/config/load-config";
import { standaloneSettings } from "@onsale/standalone/config";
import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { cliSettings, findDatabaseUrl, readConfig } from "../config.ts";
import { checkConfiguration, withoutFaults } from "../doctor/check-configuration.ts";
import { checkDatabase } from "../doctor/check-database.ts";
import { checkDisk } from "../doctor/check-disk.ts";
import { checkGateway } from "../doctor/check-gateway.ts";
import { checkRedis } from "../doctor/check-redis.ts";
import type { Finding } from "../doctor/finding.ts";
import type { Parts } from "../parts.ts";

type Options = Partial<Record<"gateways" | "workers" | "notifiers", number>>;

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
    .action(async (options: Options) => {
      const findings = await examine(environment(), options);
      show(findings, renderFindings);
      if (findings.some(({ outcome }) => outcome === "failed")) fail();
    });
}

/** Each check is made whatever the others find. */
async function examine(environment: Environment, options: Options): Promise<Finding[]> {
  const usable = withoutFaults(environment);
  const config = readConfig(usable);
  const { gateways, workers, notifiers } = standaloneSettings;
  const counts = loadConfig({ gateways, workers, notifiers }, usable);
  const processes = { partitions: config.partitions, ...counts, ...options };
  const isGiven = (usable[cliSettings.onsaleUrl.variable] ?? "") !== "";
  const found = await Promise.all([
    checkConfiguration(environment),
    checkDatabase(findDatabaseUrl(config), processes),
    checkDisk(config.dataDir),
    checkRedis(config.redisUrls),
    checkGateway({ url: config.onsaleUrl, apiKey: config.apiKey, isGiven }),
  ]);
  return found.flat();
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
