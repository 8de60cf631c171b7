/** Asks a worker to decide an event's pending orders. It names the event, never single orders. */
export type AllocateJob = Readonly<{ eventId: number }>;

/** What a finished job tells whoever looks at the queue. */
export type AllocateResult = Readonly<{ decided: number; batches: number; durationMs: number }>;

export const allocateJobName = "allocate";
export type AllocateJobName = typeof allocateJobName;

/** Jobs with the same id are one job. */
export function deduplicationId(eventId: number): string {
  return `event-${eventId}`;
}
