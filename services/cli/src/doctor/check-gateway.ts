import { basePath } from "@onsale/contracts/values";
import { whyOf } from "../output/text.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

const check = "gateway";
const answerMaxMs = 5_000;

type Gateway = Readonly<{
  url: string;
  apiKey: string | undefined;
  /** Whether ONSALE_URL names it or an `npm start` runs. Otherwise it is no fault when no gateway runs. */
  isExpected: boolean;
}>;

/** Checks whether a gateway is ready, and whether it accepts the API key. */
export async function checkGateway({ url, apiKey, isExpected }: Gateway): Promise<Finding[]> {
  const get = (path: string, headers: Readonly<Record<string, string>>) =>
    fetch(`${url}${path}`, { headers, redirect: "manual", signal: AbortSignal.timeout(answerMaxMs) });
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
    const finding = isExpected ? failed : warning;
    return [
      finding(check, `${url}: ${whyOf(error)}`, "Start a gateway with npm start, or set ONSALE_URL to the URL of one."),
    ];
  }
}

function judgeReadiness(status: number, url: string): Finding {
  if (status === 200) return ok(check, `${url} is ready`);
  if (status === 503) {
    return failed(check, `${url} is not ready`, "It cannot use its database; its log and the lines above say why.");
  }
  return failed(check, `${url}/readyz answers ${status}`, "This is no gateway; set ONSALE_URL to the URL of one.");
}

function judgeAccess(status: number, hasKey: boolean): Finding {
  if (status === 200) return ok("access", hasKey ? "ONSALE_API_KEY is accepted" : "calls need no key");
  if (status === 403) return ok("access", "ONSALE_API_KEY is valid, but may not read events");
  const what = hasKey ? "ONSALE_API_KEY is refused" : "the gateway requires a key";
  const advice = "Make a key with: onsale keys create --name NAME. Set ONSALE_API_KEY to it.";
  if (status === 401) return failed("access", what, advice);
  return failed("access", `a call was answered with ${status}`, "The gateway's log says why.");
}
