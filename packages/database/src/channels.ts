/** Where a committed batch is announced, once. The payload is text: see `decidedPrefix`. */
export const decidedChannel = "onsale_decided";

/** A committed batch: all orders of the event up to `seq` are decided, `count` of them just now. */
export type Decided = Readonly<{
  eventId: number;
  seq: number;
  count: number;
  /** Ticket types of the batch of which nothing is left. */
  soldOut: readonly string[];
}>;

/** The beginning of a payload; the ticket types follow, with commas between. */
export function decidedPrefix({ eventId, seq, count }: Omit<Decided, "soldOut">): string {
  return `${eventId}:${seq}:${count}:`;
}

/** @returns undefined for what this version of the code does not understand */
export function parseDecided(payload: string): Decided | undefined {
  const match = /^(\d+):(\d+):(\d+):([A-Z0-9_,-]*)$/.exec(payload);
  if (match === null) return undefined;
  const soldOut = match[4] === undefined || match[4] === "" ? [] : match[4].split(",");
  return { eventId: Number(match[1]), seq: Number(match[2]), count: Number(match[3]), soldOut };
}

/** Where a new event or a change of its ticket types is announced: `<account id>:<event code>`. */
export const catalogueChannel = "onsale_catalogue";

/** Where it is announced that a webhook endpoint has something to be delivered, by its id; empty for new outbox rows. */
export const webhooksChannel = "onsale_webhooks";
