// What to think of a PostgreSQL server; pure.
import { countConnections, type ProcessCounts } from "@onsale/database/connection-budget";
import type { ServerFacts } from "@onsale/database/statements/operations/read-server-facts";
import { count } from "../text.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

const versionNumberMin = 140_000;
/** For people and their tools. */
const spareConnections = 10;
const skewWarningMs = 1_000;
const skewFailedMs = 30_000;

/** Its version, and whether it takes writes. */
export function judgeServer({ versionNumber, version, isReplica }: ServerFacts, where: string): Finding {
  const check = "database";
  if (versionNumber < versionNumberMin) {
    return failed(check, `${where} is PostgreSQL ${version}`, "Use PostgreSQL 14 or later.");
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

/** A 202 is a promise that the order is on disk; these settings keep it. */
export function judgeDurability(facts: ServerFacts): Finding {
  const check = "durability";
  const off = [
    ["fsync", facts.fsync],
    ["synchronous_commit", facts.synchronousCommit],
    ["full_page_writes", facts.fullPageWrites],
  ].filter(([, value]) => value === "off");
  if (off.length === 0) return ok(check, "fsync, synchronous_commit and full_page_writes keep what is committed");
  const names = off.map(([name]) => `${name} = off`).join(", ");
  const advice = "Switch it on: else a crash of the server may lose orders that buyers were promised.";
  return failed(check, names, advice);
}

/** Whether all processes get the connections that they may open, beside those that other programs hold. */
export function judgeConnections(facts: ServerFacts, processes: ProcessCounts): Finding {
  const check = "connections";
  const needed = countConnections(processes);
  const others = facts.connectionsOfOthers;
  const usable = facts.connectionsMax - facts.connectionsReserved;
  const some = (number: number, what: string) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
  const { gateways, workers, notifiers } = processes;
  const all = [some(gateways, "gateway"), some(workers, "worker"), some(notifiers, "notifier")];
  const who = `${all.join(", ")} may open ${count(needed)}`;
  const held = others === 0 ? "" : `, ${count(others)} of them by other programs`;
  const detail = `${who} of ${count(usable)}; ${count(facts.connectionsOpen)} are open${held}`;
  const atLeast = needed + others + spareConnections + facts.connectionsReserved;
  const advice = `Set max_connections of PostgreSQL to ${atLeast} or more, or run fewer processes or PARTITIONS.`;
  if (needed + others > usable) return failed(check, detail, advice);
  if (needed + others + spareConnections > usable)
    return warning(check, `${detail}, which leaves few for people`, advice);
  return ok(check, detail);
}

/** @param skewMs how far the server's clock is ahead of this machine's, as far as the round trip lets one tell */
export function judgeClock(skewMs: number, roundTripMs: number): Finding {
  const check = "clock";
  const apartMs = Math.max(0, Math.abs(skewMs) - roundTripMs / 2);
  const direction = skewMs > 0 ? "ahead of" : "behind";
  const seconds = (apartMs / 1_000).toFixed(1);
  const detail = `PostgreSQL's clock is ${seconds} s ${direction} this machine's`;
  const advice = "Synchronise the clocks, with NTP: times of orders and signatures of webhooks depend on them.";
  if (apartMs > skewFailedMs) return failed(check, detail, advice);
  if (apartMs > skewWarningMs) return warning(check, detail, advice);
  return ok(check, "PostgreSQL's and this machine's agree");
}
