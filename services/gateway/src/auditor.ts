// Audits events that nobody asks about. An event is quiet when nothing of it was decided for a minute; then it is audited,
// once, until something of it is decided again. All gateways hear of the same decisions, so all would audit the same
// events: the first takes the event's turn, and announces when it is done, and the others forget the event. One that
// finds the turn taken waits for that as long as an event has to be quiet, and then tries again: the first may have died.
//
// Selling comes first: one audit at a time, on a connection that nothing else waits for, and after each page of orders it
// rests for four times as long as the page took.
import { setTimeout as delay } from "node:timers/promises";
import type { Audit, AuditCheck } from "@onsale/contracts/audit";
import type { Decided } from "@onsale/database/channels";
import type { Db } from "@onsale/database/client";
import { takeAuditTurn } from "@onsale/database/statements/take-audit-turn";
import type { Metrics } from "@onsale/observability/metrics";
import { audit } from "./audit.ts";

export type Auditor = Readonly<{
  onDecided: (decided: Pick<Decided, "eventId">) => void;
  /** @param payload the id of an event that a gateway has audited */
  onAudited: (payload: string) => void;
  /** Ends an audit that is on its way at its next page. */
  close: () => Promise<void>;
}>;

/** An invariant that does not hold for an event. */
export type Violation = Readonly<{ eventId: number; eventCode: string }> & Omit<AuditCheck, "ok">;

type AuditorOptions = Readonly<{
  /** An event is audited when nothing of it was decided for this long. */
  quietMs: number;
  onViolation: (violation: Violation) => void;
  /** Told about what failed; the event's turn comes again. */
  onError: (error: Error) => void;
}>;

type Waiting = Readonly<{ decidedAtMs: number; dueAtMs: number }>;

/** Of more events than that, those that have been quiet for longest are forgotten. */
const eventCountMax = 10_000;
const lookIntervalMs = 100;
const restPerWork = 4;
/** Far less than PostgreSQL lets a transaction be idle (client.ts). */
const restMaxMs = 500;
/** While no worker runs, waiting orders violate nothing, and OnsaleOldestPendingTooOld watches them. */
const waitingInvariant = 4;

/** Starts looking for quiet events; everything that its audits find is counted. */
export function startAuditor(db: Db, metrics: Metrics, { quietMs, onViolation, onError }: AuditorOptions): Auditor {
  const violationCount = metrics.counter("invariant_violations_total");
  const closing = new AbortController();
  // All wait equally long, so the first is the first that is due.
  const waiting = new Map<number, Waiting>();

  function wait(eventId: number, decidedAtMs: number): void {
    waiting.delete(eventId);
    waiting.set(eventId, { decidedAtMs, dueAtMs: performance.now() + quietMs });
    const [oldest] = waiting.keys();
    if (waiting.size > eventCountMax && oldest !== undefined) waiting.delete(oldest);
  }

  function report(eventId: number, { eventCode, checks }: Audit): void {
    for (const { ok, ...check } of checks) {
      if (ok || check.invariant === waitingInvariant) continue;
      violationCount.inc(check.violations);
      onViolation({ eventId, eventCode, ...check });
    }
  }

  async function auditQuiet(eventId: number, { decidedAtMs }: Waiting): Promise<void> {
    const rest = createRest(closing.signal);
    try {
      const result = await takeAuditTurn(db, eventId, (own, code) => audit(own, eventId, code, rest));
      if (result === undefined) putBack(eventId, decidedAtMs);
      else report(eventId, result);
    } catch (error) {
      putBack(eventId, decidedAtMs);
      if (!closing.signal.aborted) onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Unless something of it was decided meanwhile. */
  function putBack(eventId: number, decidedAtMs: number): void {
    if (!waiting.has(eventId)) wait(eventId, decidedAtMs);
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const [first] = waiting;
      if (first !== undefined && first[1].dueAtMs <= performance.now()) {
        waiting.delete(first[0]);
        await auditQuiet(...first);
      }
      await delay(lookIntervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    onDecided: ({ eventId }) => wait(eventId, performance.now()),
    onAudited: (payload) => {
      const known = waiting.get(Number(payload));
      // The audit may have missed a decision of the last moments, which every gateway hears of at another one.
      if (known !== undefined && performance.now() - known.decidedAtMs >= quietMs / 2) waiting.delete(Number(payload));
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

/** Rests for as long as the work since the last rest allows; throws when the auditor closes. */
function createRest(signal: AbortSignal): () => Promise<void> {
  let begunAtMs = performance.now();
  return async () => {
    const workedMs = performance.now() - begunAtMs;
    await delay(Math.min(workedMs * restPerWork, restMaxMs), undefined, { signal });
    begunAtMs = performance.now();
  };
}
