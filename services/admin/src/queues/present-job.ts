// Makes jobs readable in Bull Board: names of events and endpoints in place of ids, outcomes and durations in place of
// bare counts. A job that does not match the schemas below, such as one of another version, is shown unchanged.
import { type Static, type TSchema, Type } from "typebox";
import Value from "typebox/value";

/** The names of ids, as far as they are cached; undefined for others. */
export type JobNames = Readonly<{
  event: (id: number) => Readonly<{ code: string }> | undefined;
  endpoint: (id: string) => string | undefined;
}>;

const Count = Type.Integer({ minimum: 0 });
const ResultOfAllocate = Type.Object({
  decided: Count,
  confirmed: Count,
  rejected: Count,
  batches: Count,
  durationMs: Count,
  events: Type.Array(Type.Object({ eventId: Type.Integer(), decided: Count })),
});
const ResultOfDeliver = Type.Object({ delivered: Count, failed: Count, durationMs: Count });
const DataOfAllocate = Type.Object({ partition: Type.Integer() });
const DataOfDeliver = Type.Object({
  endpointId: Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" }),
});

function is<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return Value.Check(schema, value);
}

/** A job's data, with the name of the endpoint. */
export function presentData(data: unknown, names: JobNames): unknown {
  if (is(DataOfDeliver, data)) return { ...data, endpoint: names.endpoint(data.endpointId) ?? "not known yet" };
  return data;
}

/** A job as far as its name needs it. */
type NamedJob = Readonly<{ name?: unknown; data?: unknown; returnvalue?: unknown }>;

/**
 * A job's name in lists, with the failures that its state does not show.
 *
 * @param job as BullMQ serializes it
 */
export function presentName(job: unknown, names: JobNames): string {
  const { name = "job", data, returnvalue }: NamedJob = typeof job === "object" && job !== null ? job : {};
  if (is(DataOfAllocate, data)) return `${name} partition ${data.partition}`;
  if (!is(DataOfDeliver, data)) return String(name);
  const failures = countFailures(returnvalue);
  const title = `${name} to ${names.endpoint(data.endpointId) ?? data.endpointId}`;
  return failures === undefined ? title : `${failures}: ${title}`;
}

/** Where the console shows what a job of the notifier is about. */
export function linkOf(data: unknown): Readonly<{ href: string; displayText: string }> {
  const href = is(DataOfDeliver, data) ? `/#/webhooks/${data.endpointId}` : "/#/webhooks";
  return { href, displayText: "Endpoint in the console" };
}

/** What a job that BullMQ calls completed did not do of what it was for. `progress` is the percentage that it did. */
export type Failures = Readonly<{ reason: string; progress: number }>;

/** @returns undefined for a job without failures, or of another kind */
export function findFailures(result: unknown): Failures | undefined {
  const failures = countFailures(result);
  if (failures === undefined || !is(ResultOfDeliver, result)) return undefined;
  const { delivered, failed } = result;
  return {
    reason: `${failures}. Each is tried again when its next attempt is due: see the endpoint in the console.`,
    progress: Math.floor((100 * delivered) / (delivered + failed)),
  };
}

/** As in "3 of 10 failed". */
function countFailures(result: unknown): string | undefined {
  if (!is(ResultOfDeliver, result) || result.failed === 0) return undefined;
  return `${result.failed} of ${result.delivered + result.failed} failed`;
}

/** A job's return value, with a summary and a readable duration. */
export function presentResult(result: unknown, names: JobNames): unknown {
  if (is(ResultOfAllocate, result)) {
    const { decided, confirmed, rejected, batches, durationMs, events } = result;
    return {
      outcome: decided === 0 ? "nothing was pending" : `${confirmed} confirmed, ${rejected} rejected`,
      decided,
      confirmed,
      rejected,
      batches,
      duration: `${durationMs} ms`,
      events: events.map(
        ({ eventId, decided: count }) => `${names.event(eventId)?.code ?? `event ${eventId}`}: ${count}`,
      ),
    };
  }
  if (is(ResultOfDeliver, result)) {
    const { delivered, failed, durationMs } = result;
    const outcome = countFailures(result) ?? (delivered === 0 ? "nothing was due" : `${delivered} delivered`);
    return { outcome, delivered, failed, duration: `${durationMs} ms` };
  }
  return result;
}
