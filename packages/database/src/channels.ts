/** Where a committed batch is announced, once. The payload is text: see `decidedPayload`. */
export const decidedChannel = "onsale_decided";

/** A committed batch: all orders of the event up to `seq` are decided, `count` of them just now. */
export type Decided = Readonly<{ eventId: number; seq: number; count: number }>;

export function decidedPayload({ eventId, seq, count }: Decided): string {
  return `${eventId}:${seq}:${count}`;
}

/** @returns undefined for what this version of the code does not understand */
export function parseDecided(payload: string): Decided | undefined {
  const match = /^(\d+):(\d+):(\d+)$/.exec(payload);
  return match === null ? undefined : { eventId: Number(match[1]), seq: Number(match[2]), count: Number(match[3]) };
}

/** Where a new event or a change of its ticket types is announced: `<account id>:<event code>`. */
export const catalogueChannel = "onsale_catalogue";

/** Where it is announced that a webhook endpoint has something to be delivered, by its id; empty for new outbox rows. */
export const webhooksChannel = "onsale_webhooks";
