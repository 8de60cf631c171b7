/** Asks a worker to decide an event's pending orders. It names the event, never single orders. */
export type AllocateJob = Readonly<{ eventId: number }>;

/** What a finished job tells whoever looks at the queue. */
export type AllocateResult = Readonly<{ decided: number; batches: number; durationMs: number }>;

/** Asks a notifier to send what an endpoint is due. It names the endpoint, never single deliveries. */
export type DeliverJob = Readonly<{ endpointId: string }>;

export type DeliverResult = Readonly<{ delivered: number; failed: number; durationMs: number }>;
