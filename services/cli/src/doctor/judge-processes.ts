// Judges what running processes report of themselves; pure.
import type { ProcessReport } from "@onsale/database/statements/operations/report-process";
import { count, plain } from "../output/text.ts";
import { type Finding, ok, warning } from "./finding.ts";

/**
 * Judges whether gateways trust the proxies before them. All clients behind one that TRUST_PROXY does not name share
 * the rate limits and the connections of its address.
 */
export function judgeProxies(processes: readonly Pick<ProcessReport, "host" | "pid" | "figures">[]): Finding {
  const check = "proxies";
  const seen = processes.flatMap(({ host, pid, figures }) => {
    const ignored = figures.forwarded_ignored_total ?? 0;
    const connections = `${count(ignored)} connection${ignored === 1 ? "" : "s"}`;
    return ignored > 0 ? [`${connections} to the gateway on ${plain(host)} (pid ${pid})`] : [];
  });
  if (seen.length === 0) return ok(check, "no gateway got X-Forwarded-For from an address that it does not trust");
  const advice =
    "If a proxy sent it, name the proxy's address in TRUST_PROXY; the gateway's log has the address. If clients " +
    "connect to the gateway directly, one of them made it up, and nothing is wrong.";
  return warning(check, `${seen.join(", ")} sent X-Forwarded-For, which was ignored`, advice);
}
