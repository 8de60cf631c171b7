import { basePath } from "@onsale/contracts/api";
import { whyOf } from "../why.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

const check = "gateway";
const patienceMs = 5_000;

type Gateway = Readonly<{
  url: string;
  apiKey: string | undefined;
  /** Whether somebody said that it is there; else nothing may be running yet. */
  isGiven: boolean;
}>;

/** Asks a gateway whether it is ready, and whether it lets the caller in. */
export async function checkGateway({ url, apiKey, isGiven }: Gateway): Promise<Finding[]> {
  const get = (path: string, headers: Readonly<Record<string, string>>) =>
    fetch(`${url}${path}`, { headers, redirect: "manual", signal: AbortSignal.timeout(patienceMs) });
  try {
    const ready = await get("/readyz", {});
    await ready.body?.cancel();
    const findings = [judgeReadiness(ready.status, url)];
    if (!ready.ok) return findings;
    const caller = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const answer = await get(`${basePath}/events?size=1`, caller);
    await answer.body?.cancel();
    return [...findings, judgeAccess(answer.status, apiKey !== undefined)];
  } catch (error) {
    const finding = isGiven ? failed : warning;
    return [finding(check, `${url}: ${whyOf(error)}`, "Start one with npm start, or set ONSALE_URL to where it is.")];
  }
}

function judgeReadiness(status: number, url: string): Finding {
  if (status === 200) return ok(check, `${url} is ready`);
  if (status === 503) {
    return failed(check, `${url} is not ready`, "It cannot use its database; its log and the lines above say why.");
  }
  return failed(check, `${url}/readyz is answered ${status}`, "This is no gateway; set ONSALE_URL to where it is.");
}

function judgeAccess(status: number, hasKey: boolean): Finding {
  if (status === 200) return ok("access", hasKey ? "ONSALE_API_KEY is let in" : "calls are answered without a key");
  if (status === 403) return ok("access", "ONSALE_API_KEY is known, and may not read events");
  const what = hasKey ? "ONSALE_API_KEY is refused" : "the gateway asks for a key";
  const advice = "Make a key with: onsale keys create --name NAME. Set ONSALE_API_KEY to it.";
  if (status === 401) return failed("access", what, advice);
  return failed("access", `a call was answered ${status}`, "The gateway's log says why.");
}
