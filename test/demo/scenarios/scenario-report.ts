import { styleText } from "node:util";
import { exact, judgeAudit, verdict } from "../report.ts";
import { renderBar } from "../view.ts";
import type { ScenarioResult } from "./run-scenario.ts";
import type { Facts } from "./scenario.ts";

/** The final report of a scenario, as text for a terminal. */
export function renderScenario(result: ScenarioResult): string {
  const { scenario, eventCode, plan, ledger, facts, countOf, isStopped, seconds } = result;
  const came = `${exact(ledger.counts.started)} people in ${seconds.toFixed(1)} s`;
  const title = `${eventCode}: ${scenario.title}: ${came}${isStopped ? ", then it was stopped" : ""} (seed ${plan.seed})`;
  return [
    styleText("bold", title),
    "",
    ...scenario.tell(countOf, facts),
    ...(ledger.counts.turnedAway === 0 ? [] : [`${exact(ledger.counts.turnedAway)} were turned away: sold out.`]),
    "",
    ...(facts === undefined ? [] : [...bars(facts), "", judgeAudit(facts.audit)]),
    verdict(result, scenario.praise),
  ].join("\n");
}

function bars({ event, inventory }: Facts): string[] {
  const stock = inventory.map(({ ticketType, limitedBy, waiting = 0, ...rest }) => {
    const limit = limitedBy === undefined ? [] : [`limited by ${limitedBy}`];
    const note = [...limit, ...(waiting === 0 ? [] : [`${exact(waiting)} wait`])].join(", ");
    return renderBar({ name: ticketType, ...rest, note });
  });
  return [...stock, ...event.pools.map((pool) => renderBar({ ...pool, held: 0, note: "a pool" }))];
}
