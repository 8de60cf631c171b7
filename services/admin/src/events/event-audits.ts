// Audits events when people ask for it, one at a time, and says what the last audit of an event found, whoever made it.
import type { AuditCheck } from "@onsale/contracts/audit";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { type LastAudit, readLastAudit, recordAudit } from "@onsale/database/statements/audit/last-audit";
import { takeAuditTurn } from "@onsale/database/statements/audit/take-audit-turn";
import type { Metrics } from "@onsale/observability/metrics";
import { HttpError } from "../errors/http-error.ts";

export type AuditView = Readonly<{ last: LastAudit | undefined; isRunning: boolean; failure: string | null }>;

export type EventAudits = Readonly<{
  view: (eventId: number) => Promise<AuditView>;
  /**
   * Begins an audit, and does not wait for its end.
   *
   * @throws HttpError while another event is audited
   */
  begin: (eventId: number) => void;
}>;

const failed = "The last audit that was begun here did not end; the log of the admin service says why. Try again.";
const taken = "Another process audits this event at the moment, or the event does not exist. Look again in a moment.";

/**
 * @param lookupDb reads what was found
 * @param auditDb a connection with a long statement time-out that nothing else needs
 * @param onError told why an audit failed
 */
export function createEventAudits(
  lookupDb: Db,
  auditDb: Db,
  metrics: Metrics,
  onError: (error: Error) => void,
): EventAudits {
  const violations = metrics.counter("invariant_violations_total");
  let running: number | null = null;
  let failure: Readonly<{ eventId: number; text: string }> | null = null;

  async function run(eventId: number): Promise<void> {
    const found = await takeAuditTurn(auditDb, eventId, async (own, code) => {
      const result = await audit(own, eventId, code);
      await recordAudit(own, eventId, result);
      return result;
    });
    if (found === undefined) failure = { eventId, text: taken };
    else violations.inc(found.checks.reduce((sum, check) => sum + check.violations, 0));
  }

  return {
    view: async (eventId) => {
      // Asked before the result is read: when the audit has ended since then, its result is read.
      const isRunning = running === eventId;
      const last = await readLastAudit(lookupDb, eventId);
      return { last, isRunning, failure: failure?.eventId === eventId ? failure.text : null };
    },
    begin: (eventId) => {
      if (running === eventId) return;
      if (running !== null) throw new HttpError(409, "Another event is being audited; try again in some seconds.");
      running = eventId;
      failure = null;
      run(eventId)
        .catch((error: unknown) => {
          failure = { eventId, text: failed };
          onError(error instanceof Error ? error : new Error(String(error)));
        })
        .finally(() => {
          running = null;
        });
    },
  };
}

/** What does not hold, each in a sentence with the first examples. */
export function describeFaults(checks: readonly AuditCheck[]): string[] {
  return checks
    .filter(({ ok }) => !ok)
    .map(({ name, violations, examples }) => `Not so: ${name} (${violations} times). ${examples.join("; ")}`);
}
