/** Asks a worker to decide what is pending in a partition. It never names single orders. */
export type AllocateJob = Readonly<{ partition: number }>;

/** What a finished job tells whoever looks at the queue. */
export type AllocateResult = Readonly<{
  decided: number;
  confirmed: number;
  rejected: number;
  batches: number;
  durationMs: number;
  /** The events with the most decisions, at most 10. */
  events: readonly Readonly<{ eventId: number; decided: number }>[];
}>;

/** Asks a notifier to send what an endpoint is due. It names the endpoint, never single deliveries. */
export type DeliverJob = Readonly<{ endpointId: string }>;

export type DeliverResult = Readonly<{ delivered: number; failed: number; durationMs: number }>;
