// What a transition costs, from a load that has nothing else; and the conflicts of the workers' batches.
import type { Pool } from "pg";
import { until } from "../../support/until.ts";
import { type FigureName, type Figures, roles, type TransitionName } from "../names.ts";
import { UnsoundError } from "./check-soundness.ts";
import type { BenchEvent, Installation } from "./installation.ts";

/** The figures of a load of one kind of transition, under the names of that transition. */
export function transitionFigures(transition: TransitionName, figures: Figures): Figures {
  const names: (readonly [FigureName, FigureName])[] = [
    [`${transition}.perSecond`, "decidedPerSecond"],
    [`${transition}.walBytes`, "walBytesPerOrder"],
    ...roles.map((role) => [`${transition}.cpuMs.${role}`, `cpuMsPerOrder.${role}`] as const),
  ];
  const own: Partial<Record<FigureName, number>> = {};
  for (const [name, source] of names) {
    const value = figures[source];
    if (value !== undefined) own[name] = value;
  }
  return own;
}

/** @throws UnsoundError unless so many orders of some events have that status */
export async function checkStatusCount(
  { pool, contestant }: Installation,
  events: readonly BenchEvent[],
  status: string,
  expected: number,
): Promise<void> {
  const { rows } = await pool.query(
    "SELECT count(*)::int AS count FROM orders WHERE event_id = ANY($1) AND status = $2",
    [events.map(({ id }) => id), status],
  );
  if (rows[0].count === expected) return;
  throw new UnsoundError(`${contestant.name} answered ${expected} requests, and ${rows[0].count} orders are ${status}`);
}

/** The batches that the workers had to decide again so far, from reports that they write once a second. */
export async function readConflicts(pool: Pool): Promise<number> {
  const { rows } = await pool.query("SELECT clock_timestamp() AS now");
  return until("every worker has reported", async () => {
    const { rows: reports } = await pool.query(
      `SELECT sum(coalesce((figures ->> 'purchase_conflict_total')::int, 0))::int AS count,
              bool_and(seen_at > $1) AS is_current
       FROM processes WHERE kind = 'worker'`,
      [rows[0].now],
    );
    return reports[0].is_current === true ? Number(reports[0].count) : null;
  });
}
