// Checks the queues' Redis: whether it answers, and the settings that BullMQ needs.
import { inspectRedis, nodesOf, type RedisFacts } from "@onsale/queue/inspect-redis";
import { plain, whyOf } from "../output/text.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

const check = "redis";
/** What BullMQ recommends. */
const versionMin = [6, 2] as const;

/** Checks each Redis that is configured. Without any, the queues are in PostgreSQL. */
export async function checkRedis(urls: readonly string[] | undefined): Promise<Finding[]> {
  if (urls === undefined) return [ok(check, "not used: without REDIS_URL the queues are in PostgreSQL")];
  const nodes = nodesOf(urls);
  return (await Promise.all(nodes.map((node) => checkOne(node, nodes.length > 1)))).flat();
}

async function checkOne(url: string, isOneOfSeveral: boolean): Promise<Finding[]> {
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port || "6379"}`;
  try {
    return judgeRedis(await inspectRedis(url), where, isOneOfSeveral);
  } catch (error) {
    const which = isOneOfSeveral ? "the first URL's password, which is used for all nodes," : "REDIS_URL's password";
    const advice = `Is Redis running there, and is ${which} right?`;
    return [failed(check, `${where} cannot be used: ${whyOf(error)}`, advice)];
  }
}

/**
 * Judges a Redis; pure.
 *
 * @param isOneOfSeveral whether REDIS_URL names more than one, which means the nodes of a cluster
 */
export function judgeRedis(facts: RedisFacts, where: string, isOneOfSeveral: boolean): Finding[] {
  const { version, role, evictionPolicy, isAppendOnly, snapshots } = facts;
  const findings: Finding[] = [];
  if (isTooOld(version)) {
    findings.push(failed(check, `${where} is Redis ${plain(version)}`, "Use Redis 6.2 or later."));
  }
  if (facts.isClusterNode === true && !isOneOfSeveral) {
    const advice = "Name two or more of the cluster's nodes in REDIS_URL, with commas between.";
    findings.push(failed(check, `${where} is a node of a Redis Cluster, and is named as a single Redis`, advice));
  }
  if (facts.isClusterNode === false && isOneOfSeveral) {
    const advice = "Let REDIS_URL name one Redis, or nodes of one Redis Cluster.";
    findings.push(failed(check, `${where} is no node of a Redis Cluster, and is named as one`, advice));
  }
  // In a cluster any node will do: the client asks it for the addresses of the primaries.
  if (role === "slave" && !isOneOfSeveral) {
    findings.push(failed(check, `${where} is a replica and takes no writes`, "Let REDIS_URL name the primary."));
  }
  if (evictionPolicy !== "noeviction") {
    const detail = `${where} may drop queues when its memory is full: maxmemory-policy is ${plain(evictionPolicy)}`;
    findings.push(failed(check, detail, "Set maxmemory-policy to noeviction."));
  }
  if (!isAppendOnly) {
    const kept = snapshots === undefined || snapshots === "" ? "nothing" : "only snapshots";
    const detail = `${where} keeps ${kept} on disk`;
    const advice = "Set appendonly to yes: without it no order is lost, but a restart of Redis delays the decisions.";
    findings.push(warning(check, detail, advice));
  }
  if (findings.length > 0) return findings;
  return [ok(check, `Redis ${plain(version)} answers at ${where}, evicts nothing and keeps an append-only file`)];
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < versionMin[0] || (major === versionMin[0] && minor < versionMin[1]);
}
