/** Where a committed batch is announced. The payload is text: see `decidedPayloads`. */
export const decidedChannel = "onsale_decided";

/** What a committed batch did to an event: all its orders up to `seq` are decided, `count` of them just now. */
export type Decided = Readonly<{
  eventId: number;
  seq: number;
  count: number;
  /** Ticket types of the batch of which nothing is left. */
  soldOut: readonly string[];
}>;

/** PostgreSQL takes up to 7,999 bytes; what is one event too much still fits. */
const payloadLengthMax = 4_000;
/** At most 33 characters each. Gateways that are not told of the others of an event find out by recording orders. */
const soldOutCountMax = 100;

/** The announcements of a batch, as few as possible: `event:seq:count:TYPE,TYPE` with `;` between the events. */
export function decidedPayloads(events: readonly Decided[]): string[] {
  const payloads: string[] = [];
  let payload = "";
  for (const { eventId, seq, count, soldOut } of events) {
    payload += `${payload === "" ? "" : ";"}${eventId}:${seq}:${count}:${soldOut.slice(0, soldOutCountMax).join(",")}`;
    if (payload.length <= payloadLengthMax) continue;
    payloads.push(payload);
    payload = "";
  }
  return payload === "" ? payloads : [...payloads, payload];
}

const decidedPattern = /^(\d+):(\d+):(\d+):([A-Z0-9_,-]*)$/;

/** The events that a payload tells of, without what this version of the code does not understand. */
export function parseDecided(payload: string): Decided[] {
  return payload.split(";").flatMap((text) => {
    const match = decidedPattern.exec(text);
    if (match === null) return [];
    const soldOut = match[4] === undefined || match[4] === "" ? [] : match[4].split(",");
    return [{ eventId: Number(match[1]), seq: Number(match[2]), count: Number(match[3]), soldOut }];
  });
}

/** Where a gateway announces buckets in which an order has come after a pause, for workers that linger there: `3,17`. */
export const arrivedChannel = "onsale_arrived";

/** The buckets that a payload tells of, without what this version of the code does not understand. */
export function parseArrived(payload: string): number[] {
  return payload.split(",").flatMap((text) => (/^\d+$/.test(text) ? [Number(text)] : []));
}

/** Where a gateway announces the id of an event that it has audited by itself. */
export const auditedChannel = "onsale_audited";

/** Where a new event or a change of its ticket types is announced: `<account id>:<event code>`. */
export const catalogueChannel = "onsale_catalogue";

/** Where it is announced that a webhook endpoint has something to be delivered, by its id; empty for new outbox rows. */
export const webhooksChannel = "onsale_webhooks";
