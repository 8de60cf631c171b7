// Audits quiet events by itself. An event is quiet when none of its orders was decided for a minute; then it is
// audited once, until another order is decided. All gateways see the same decisions, so all would audit the same
// events: the first one takes the event's turn and announces the end of its audit, and the others drop the event. A
// gateway that finds the turn taken tries again after another quiet period, because the first one may have died.
//
// Selling comes first: one audit at a time, on a connection that nothing else needs, and after each page of orders it
// sleeps for four times as long as the page took.
import { setTimeout as delay } from "node:timers/promises";
import type { Audit, AuditCheck } from "@onsale/contracts/audit";
import { auditedChannel } from "@onsale/database/announcements/channels";
import { audit } from "@onsale/database/audit/audit";
import type { Db } from "@onsale/database/client";
import { errorCode } from "@onsale/database/errors";
import { recordAudit } from "@onsale/database/statements/audit/last-audit";
import { takeAuditTurn } from "@onsale/database/statements/audit/take-audit-turn";
import { startLoop } from "@onsale/lifecycle/loop";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { Metrics } from "@onsale/observability/metrics";
import type { Service } from "@onsale/service/run-service";
import type { GatewayConfig } from "../config.ts";
import type { Decisions } from "../results/decisions.ts";

export type Auditor = Readonly<{
  /** The announcements that it listens for, by channel. */
  handlers: Readonly<Record<string, (payload: string) => void>>;
  /** Ends the current audit at its next page. */
  close: () => Promise<void>;
}>;

/** An invariant that does not hold for an event. */
export type Violation = Readonly<{ eventId: number; eventCode: string }> & Omit<AuditCheck, "ok">;

type AuditorOptions = Readonly<{
  decisions: Pick<Decisions, "subscribe">;
  /** An event is audited when none of its orders was decided for this long. */
  quietMs: number;
  onViolation: (violation: Violation) => void;
  /** Called with the error of a failed audit; it is repeated later. */
  onError: (error: Error) => void;
}>;

/** An event whose audit is planned. */
type Planned = Readonly<{ decidedAtMs: number; dueAtMs: number }>;

/** Of more events than this, those that have been quiet for longest are dropped. */
const eventCountMax = 10_000;
const pauseMs = 100;
const restPerWork = 4;
/** Far less than PostgreSQL lets a transaction be idle (client.ts). */
const restMaxMs = 500;
/** Not reported: orders may be pending while no worker runs, and the alert OnsaleOldestPendingTooOld watches them. */
const pendingInvariant = 4;

/** Audits nothing. */
const noAuditor: Auditor = { handlers: {}, close: async () => undefined };

/** Starts auditing quiet events. Every violation is counted and reported. */
export function startAuditor(db: Db, metrics: Metrics, options: AuditorOptions): Auditor {
  const { decisions, quietMs, onViolation, onError } = options;
  const violationCount = metrics.counter("invariant_violations_total");
  // Every event is due after the same time, so the first one is due first.
  const planned = new Map<number, Planned>();

  function plan(eventId: number, decidedAtMs: number): void {
    planned.delete(eventId);
    planned.set(eventId, { decidedAtMs, dueAtMs: performance.now() + quietMs });
    const [oldest] = planned.keys();
    if (planned.size > eventCountMax && oldest !== undefined) planned.delete(oldest);
  }

  function report(eventId: number, { eventCode, checks }: Audit): void {
    for (const { ok, ...check } of checks) {
      if (ok || check.invariant === pendingInvariant) continue;
      violationCount.inc(check.violations);
      onViolation({ eventId, eventCode, ...check });
    }
  }

  async function auditFirstDue(closing: AbortSignal): Promise<void> {
    const [first] = planned;
    if (first === undefined || first[1].dueAtMs > performance.now()) return;
    const [eventId, { decidedAtMs }] = first;
    planned.delete(eventId);
    const rest = createRest(closing);
    let result: Audit | undefined;
    try {
      result = await takeAuditTurn(db, eventId, async (own, code) => {
        const found = await audit(own, eventId, code, rest);
        await recordAudit(own, eventId, found);
        return found;
      });
    } finally {
      // A decision during the audit has planned the next audit already.
      if (result === undefined && !planned.has(eventId)) plan(eventId, decidedAtMs);
    }
    if (result !== undefined) report(eventId, result);
  }

  const audits = startLoop({ run: auditFirstDue, pauseMs, onError });
  decisions.subscribe(({ eventId }) => plan(eventId, performance.now()));

  /** @param payload the id of an event that some gateway has audited */
  function onAudited(payload: string): void {
    const known = planned.get(Number(payload));
    // The audit may have missed a decision of the last moments: a decision reaches the gateways at different times.
    if (known !== undefined && performance.now() - known.decidedAtMs >= quietMs / 2) planned.delete(Number(payload));
  }

  return { handlers: { [auditedChannel]: onAudited }, close: audits.close };
}

/** Starts the auditor that the gateway's settings ask for; it audits nothing when AUDIT_AFTER_SECONDS is 0. */
export function startConfiguredAuditor(
  { config, logger, metrics }: Pick<Service<GatewayConfig>, "config" | "logger" | "metrics">,
  db: Db,
  decisions: Decisions,
): Auditor {
  if (config.auditAfterSeconds === 0) return noAuditor;
  return startAuditor(db, metrics, {
    decisions,
    quietMs: config.auditAfterSeconds * 1_000,
    onViolation: (violation) => logger.error(violation, "an audit found a violated invariant"),
    onError: createThrottle((err: Error) => logger.warn({ err }, "an audit failed; it is repeated later"), {
      kindOf: errorCode,
    }),
  });
}

/** Sleeps in proportion to the work since the last sleep; throws when the auditor closes. */
function createRest(signal: AbortSignal): () => Promise<void> {
  let begunAtMs = performance.now();
  return async () => {
    const workedMs = performance.now() - begunAtMs;
    await delay(Math.min(workedMs * restPerWork, restMaxMs), undefined, { signal });
    begunAtMs = performance.now();
  };
}
