// Judges the servers of DATABASE_URL, and what a failover to a standby could lose; pure.
import type { Replication, Standby } from "@onsale/database/statements/operations/read-replication";
import type { ServerRole } from "@onsale/database/statements/operations/read-server-role";
import { plain } from "../output/text.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

/** A host of DATABASE_URL: what it is, or why that is not known. */
export type SeenServer = Readonly<{ name: string }> & Readonly<{ role: ServerRole } | { fault: string }>;

const roles: Readonly<Record<ServerRole, string>> = {
  primary: "is the primary",
  standby: "is a standby",
  "read-only": "is no standby, and read-only",
};

/** Judges whether one of several servers takes writes, and the others can take over. */
export function judgeServers(servers: readonly SeenServer[]): Finding {
  const check = "servers";
  const detail = servers
    .map((server) => `${server.name} ${"role" in server ? roles[server.role] : `cannot be used (${server.fault})`}`)
    .join(", ");
  const primaryCount = servers.filter((server) => "role" in server && server.role === "primary").length;
  if (primaryCount > 1) {
    const advice = "Stop all but the right one now: orders are accepted by each of them, and one day only one is kept.";
    return failed(check, `several servers take writes: ${detail}`, advice);
  }
  if (primaryCount === 0) {
    return failed(check, `no server takes writes: ${detail}`, "Ask your failover manager why it promotes none.");
  }
  if (servers.every((server) => "role" in server && server.role !== "read-only")) return ok(check, detail);
  return warning(check, detail, "Start it as a standby, or take it out of DATABASE_URL: it cannot take over.");
}

const howToFollow =
  "If another one takes over, all orders are lost that it has not got. Set it up as a standby, see docs/failover.md.";

const howToWait =
  "If one of them takes over, orders of the last moments before are lost, although buyers were told that they are " +
  "accepted. Let commits wait for a standby: synchronous_standby_names = 'ANY 1 (*)', see docs/failover.md.";

/**
 * Judges whether what was accepted is on a standby as well.
 *
 * @param hostCount how many servers DATABASE_URL names
 */
export function judgeStandbys({ synchronousStandbyNames, standbys }: Replication, hostCount: number): Finding {
  const check = "standbys";
  const names = plain(synchronousStandbyNames);
  const list = standbys.map(describeStandby).join(", ");
  const waitedFor = standbys.filter(({ syncState }) => syncState === "sync" || syncState === "quorum").length;
  if (waitedFor >= neededCount(names)) return ok(check, `commits wait for a standby: ${list}`);
  if (names === "") {
    if (standbys.length === 0 && hostCount > 1) {
      return warning(check, "no standby follows this server, and DATABASE_URL names several", howToFollow);
    }
    if (standbys.length === 0) return ok(check, "no standby follows this server");
    return warning(check, `commits wait for no standby: ${list}`, howToWait);
  }
  if (standbys.some(({ syncState }) => syncState === null)) {
    const hidden = `this role may not see whether commits wait for a standby: ${list}`;
    return warning(check, hidden, "Run GRANT pg_monitor TO the role of DATABASE_URL, or ask as a superuser.");
  }
  const following = waitedFor === 0 ? "no such standby follows" : `only ${waitedFor} of these follow`;
  const detail = `synchronous_standby_names = ${names}, and ${following}: ${list || "none follows at all"}`;
  return failed(check, detail, "Nothing is accepted until more of them follow: start them, or correct the setting.");
}

/** For how many standbys commits wait; infinite for none. */
function neededCount(synchronousStandbyNames: string): number {
  if (synchronousStandbyNames === "") return Number.POSITIVE_INFINITY;
  const [, count = "1"] = /^(?:(?:first|any)\s*)?(\d+)\s*\(/i.exec(synchronousStandbyNames) ?? [];
  return Number(count);
}

function describeStandby({ name, syncState }: Standby): string {
  const who = name === null || name === "" ? "a standby without a visible name" : plain(name);
  return `${who} (${syncState ?? "its state is hidden"})`;
}
