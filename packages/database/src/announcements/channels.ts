// The NOTIFY channels, with the texts that are sent over them.
/** The NOTIFY channel of committed batches. `decidedPayloads` writes the payload. */
export const decidedChannel = "onsale_decided";

/** What a committed batch did to an event: all its orders up to `seq` are decided, `count` of them by this batch. */
export type Decided = Readonly<{
  eventId: number;
  seq: number;
  count: number;
  /** Ticket types and pools (`pool:HALL`) of the batch that have no ticket left. */
  soldOut: readonly string[];
}>;

/** PostgreSQL takes up to 7,999 bytes, so the event that exceeds this limit still fits. */
const payloadLengthMax = 4_000;
/** Of an event, at most 38 characters each. For further ones gateways record orders that are rejected later. */
const soldOutCountMax = 100;

/** The payloads that announce a batch, as few as possible: `event:seq:count:TYPE,TYPE` with `;` between the events. */
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

/** Pools are among the names that are sold out; without them no gateway would know of such a batch. */
const decidedPattern = /^(\d+):(\d+):(\d+):((?:pool:|[A-Z0-9_,-])*)$/;

/** The events in a payload. Parts that this version of the code does not understand are left out. */
export function parseDecided(payload: string): Decided[] {
  return payload.split(";").flatMap((text) => {
    const match = decidedPattern.exec(text);
    if (match === null) return [];
    const soldOut = match[4] === undefined || match[4] === "" ? [] : match[4].split(",");
    return [{ eventId: Number(match[1]), seq: Number(match[2]), count: Number(match[3]), soldOut }];
  });
}

/** The NOTIFY channel of buckets where an order arrived after a pause, for workers in their idle grace: `3,17`. */
export const arrivedChannel = "onsale_arrived";

/** The buckets in a payload. Parts that this version of the code does not understand are left out. */
export function parseBuckets(payload: string): number[] {
  return payload.split(",").flatMap((text) => (/^\d+$/.test(text) ? [Number(text)] : []));
}

/** The NOTIFY channel of events that a gateway has audited without a request, by their ids. */
export const auditedChannel = "onsale_audited";

/** The NOTIFY channel of new events and of changes to their ticket types: `<account id>:<event code>`. */
export const catalogueChannel = "onsale_catalogue";

/** The NOTIFY channel of webhook endpoints with deliveries to send, by their ids; empty for new outbox rows. */
export const webhooksChannel = "onsale_webhooks";

/** The NOTIFY channel of orders that changed after their first decision. `changedPayloads` writes the payload. */
export const changedChannel = "onsale_changed";

/** Ids without hyphens, for at most 7,999 bytes. */
const changedPerPayload = 240;

/** The payloads that announce changed orders: their ids without hyphens, one after the other. */
export function changedPayloads(orderIds: readonly string[]): string[] {
  const payloads: string[] = [];
  for (let first = 0; first < orderIds.length; first += changedPerPayload) {
    payloads.push(
      orderIds
        .slice(first, first + changedPerPayload)
        .join("")
        .replaceAll("-", ""),
    );
  }
  return payloads;
}

/** The ids in a payload. A rest that is no id is left out. */
export function parseChanged(payload: string): string[] {
  return (payload.match(/[0-9a-f]{32}/g) ?? []).map((hex) =>
    hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  );
}

/** The NOTIFY channel of buckets where tickets came back, for workers: `3,17`. `parseBuckets` reads the payload. */
export const returnedChannel = "onsale_returned";

/** The NOTIFY channel of webhook endpoints that were disabled or are being deleted, by their ids: no more posts. */
export const webhookStopsChannel = "onsale_webhook_stops";
