import { inspectRedis, type RedisFacts } from "@onsale/queue/inspect-redis";
import { plain } from "../text.ts";
import { whyOf } from "../why.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

const check = "redis";
/** What BullMQ recommends. */
const versionMin = [6, 2] as const;

/** Looks at every Redis that is named; without any, the queues are in PostgreSQL. */
export async function checkRedis(urls: readonly string[] | undefined): Promise<Finding[]> {
  if (urls === undefined) return [ok(check, "not used: without REDIS_URL the queues are in PostgreSQL")];
  return (await Promise.all(urls.map(checkOne))).flat();
}

async function checkOne(url: string): Promise<Finding[]> {
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port || "6379"}`;
  try {
    return judgeRedis(await inspectRedis(url), where);
  } catch (error) {
    const advice = "Is Redis running there, and is REDIS_URL's password right?";
    return [failed(check, `${where} cannot be used: ${whyOf(error)}`, advice)];
  }
}

/** What to think of a Redis; pure. */
export function judgeRedis(facts: RedisFacts, where: string): Finding[] {
  const { version, role, evictionPolicy, isAppendOnly, snapshots } = facts;
  const findings: Finding[] = [];
  if (isTooOld(version)) {
    findings.push(failed(check, `${where} is Redis ${plain(version)}`, "Use Redis 6.2 or later."));
  }
  if (role === "slave") {
    findings.push(failed(check, `${where} is a replica and takes no writes`, "Let REDIS_URL name the primary."));
  }
  if (evictionPolicy !== "noeviction") {
    const detail = `${where} may drop queues when its memory is full: maxmemory-policy is ${plain(evictionPolicy)}`;
    findings.push(failed(check, detail, "Set maxmemory-policy to noeviction."));
  }
  if (!isAppendOnly) {
    const kept = snapshots === undefined || snapshots === "" ? "nothing" : "only snapshots";
    const detail = `${where} keeps ${kept} on disk`;
    const advice = "Set appendonly to yes: no order is lost without it, but those of a restart are decided later.";
    findings.push(warning(check, detail, advice));
  }
  if (findings.length > 0) return findings;
  return [ok(check, `Redis ${plain(version)} answers at ${where}, evicts nothing and keeps an append-only file`)];
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < versionMin[0] || (major === versionMin[0] && minor < versionMin[1]);
}
