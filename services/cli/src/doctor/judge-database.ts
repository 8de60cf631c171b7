// Judges what is known of a PostgreSQL server; pure.
import { countConnections, type ProcessCounts } from "@onsale/database/connection/connection-budget";
import type { ServerFacts } from "@onsale/database/statements/operations/read-server-facts";
import { count } from "../output/text.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

export const versionNumberMin = 150_000;
/** Connections for people and their tools. */
const spareConnections = 10;
const skewWarningMs = 1_000;
const skewFailedMs = 30_000;

/** Judges the server's version, and whether it takes writes. */
export function judgeServer({ versionNumber, version, isReplica }: ServerFacts, where: string): Finding {
  const check = "database";
  if (versionNumber < versionNumberMin) {
    return failed(check, `${where} is PostgreSQL ${version}`, "Use PostgreSQL 15 or later.");
  }
  if (isReplica)
    return failed(check, `${where} is a replica and takes no writes`, "Let DATABASE_URL name the primary.");
  return ok(check, `PostgreSQL ${version} answers at ${where}`);
}

export function judgeMigrations(missing: readonly string[]): Finding {
  const check = "migrations";
  if (missing.length === 0) return ok(check, "all are applied");
  const advice = "Start any service of this version; the first one migrates the database.";
  return failed(check, `not applied: ${missing.join(", ")}`, advice);
}

/** Judges the settings that make commits durable. A 202 promises buyers that their order is on disk. */
export function judgeDurability(facts: ServerFacts): Finding {
  const check = "durability";
  const off = [
    ["fsync", facts.fsync],
    ["synchronous_commit", facts.synchronousCommit],
    ["full_page_writes", facts.fullPageWrites],
  ].filter(([, value]) => value === "off");
  if (off.length === 0) return ok(check, "fsync, synchronous_commit and full_page_writes are on");
  const names = off.map(([name]) => `${name} = off`).join(", ");
  const advice = "Switch it on: otherwise a crash of the server can lose accepted orders.";
  return failed(check, names, advice);
}

/** Judges whether all processes get the connections that they may open, beside those that other programs have open. */
export function judgeConnections(facts: ServerFacts, processes: ProcessCounts): Finding {
  const check = "connections";
  const needed = countConnections(processes);
  const others = facts.connectionsOfOthers;
  const usable = facts.connectionsMax - facts.connectionsReserved;
  const some = (number: number, what: string) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
  const { gateways, workers, notifiers } = processes;
  const all = [some(gateways, "gateway"), some(workers, "worker"), some(notifiers, "notifier")];
  const who = `${all.join(", ")} may open ${count(needed)}`;
  const used = others === 0 ? "" : `, ${count(others)} of them by other programs`;
  const detail = `${who} of ${count(usable)}; ${count(facts.connectionsOpen)} are open${used}`;
  const atLeast = needed + others + spareConnections + facts.connectionsReserved;
  const advice = `Set max_connections of PostgreSQL to ${atLeast} or more, or run fewer processes or PARTITIONS.`;
  if (needed + others > usable) return failed(check, detail, advice);
  if (needed + others + spareConnections > usable) return warning(check, `${detail}; few are left for people`, advice);
  return ok(check, detail);
}

/**
 * Judges how far the clocks of the server and of this machine are apart.
 *
 * @param skewMs how far the server's clock is ahead, measured in the middle of a round trip; wrong by up to half of it
 */
export function judgeClock(skewMs: number, roundTripMs: number): Finding {
  const check = "clock";
  const apartMs = Math.max(0, Math.abs(skewMs) - roundTripMs / 2);
  const direction = skewMs > 0 ? "ahead of" : "behind";
  const seconds = (apartMs / 1_000).toFixed(1);
  const detail = `PostgreSQL's clock is ${seconds} s ${direction} this machine's`;
  const advice = "Synchronise the clocks with NTP: the times of orders and the signatures of webhooks depend on them.";
  if (apartMs > skewFailedMs) return failed(check, detail, advice);
  if (apartMs > skewWarningMs) return warning(check, detail, advice);
  return ok(check, "PostgreSQL's clock and this machine's agree");
}
