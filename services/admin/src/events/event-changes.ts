// Changes events and the rules of their sales for the people of the console: with the statements of the gateways, so
// that the locks, the ledger, the activity log and the announcements are the same whoever changes something. As for
// orders, the admin service needs no gateway and no API key.
import type { Db } from "@onsale/database/client";
import { withContentionRetries } from "@onsale/database/errors";
import { cancelEvent } from "@onsale/database/statements/cancellations/cancel-event";
import { changeEvent, type EventPatch } from "@onsale/database/statements/events/change-event";
import type { EventRow } from "@onsale/database/statements/events/event-row";
import { nameEvents } from "@onsale/database/statements/events/find-events";
import { getEvent } from "@onsale/database/statements/events/get-events";
import { currentCapability, findLowestCapability } from "@onsale/database/statements/operations/lowest-capability";
import { readClock } from "@onsale/database/statements/operations/read-clock";
import type { RulesOwner } from "@onsale/database/statements/rules/lock-event";
import type { Metrics } from "@onsale/observability/metrics";
import { HttpError } from "../errors/http-error.ts";
import { refusalOf, timeRefusal } from "./describe-refusal.ts";

/** What is changed, and by which user of the console. */
export type ChangedEvent = Readonly<{ eventId: number; user: string }>;

/** Changes an event that exists; `owner` names it to the statements. */
export type ChangeEvent = <Result>(
  changed: ChangedEvent,
  work: (owner: RulesOwner, event: EventRow) => Promise<Result>,
) => Promise<Result>;

/**
 * Returns what runs a change, again when it met contention.
 *
 * @param db one change at a time; its sessions give up a lock that they wait for, so that no change blocks a sale
 */
export function createChangeEvent(db: Db, metrics: Metrics): ChangeEvent {
  const retries = metrics.counter("db_transaction_retries_total");
  return async ({ eventId, user }, work) => {
    if ((await findLowestCapability(db)) < currentCapability) {
      throw new HttpError(503, "Events can be changed once all processes have this version; try again in a moment.");
    }
    const [name] = await nameEvents(db, [eventId]);
    const event = name === undefined ? undefined : await getEvent(db, name.accountId, name.code);
    if (name === undefined || event === undefined) throw new HttpError(404, "There is no event with this number.");
    const owner = { accountId: name.accountId, eventId, eventCode: name.code, actor: `console ${user}` };
    const run = () => work(owner, event);
    return withContentionRetries(run, (sqlstate) => retries.inc({ sqlstate })).catch((error: unknown) => {
      throw refusalOf(error);
    });
  };
}

export const saleActions = ["open", "pause", "resume", "close"] as const;
export type SaleAction = (typeof saleActions)[number];

const saleMessages: Readonly<Record<SaleAction, string>> = {
  open: "The sale is open.",
  pause: "The sale is paused: nobody can buy until it is resumed. Holds and payments go on.",
  resume: "The pause has ended.",
  close: "The sale is closed.",
};

export type RulesPatch = Pick<EventPatch, "maxPerOrder" | "maxPerCustomer" | "offerSeconds" | "waitlistPolicy">;
const keyMissing =
  "Tickets per customer cannot be limited: start the admin service with the CUSTOMER_KEY of the gateways and workers.";

export type EventChanges = ReturnType<typeof createEventChanges>;

/**
 * Each returns what was done, in a sentence, and throws an `HttpError` when it cannot be done.
 *
 * @param hasCustomerKey whether customers can be told apart
 */
export function createEventChanges(db: Db, changeOne: ChangeEvent, hasCustomerKey: boolean) {
  return {
    changeSale: (changed: ChangedEvent, action: SaleAction): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        // The clock by which purchases are accepted.
        await patchEvent(db, owner, salePatch(action, event, new Date(await readClock(db))));
        return saleMessages[action];
      }),

    changeWindow: (
      changed: ChangedEvent,
      window: Readonly<{ salesStart: Date | null; salesEnd: Date | null }>,
    ): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        await patchEvent(db, owner, window);
        return "The times of the sale are changed.";
      }),

    changeRules: (changed: ChangedEvent, rules: RulesPatch): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        requireAlive(event);
        if (rules.maxPerCustomer != null && !hasCustomerKey) throw new HttpError(409, keyMissing);
        await patchEvent(db, owner, rules);
        return "The rules of the sale are changed; they hold for orders that are decided from now on.";
      }),

    /** @param code the event's, as the person typed it: they know what they cancel */
    cancel: (changed: ChangedEvent, reason: string, code: string): Promise<string> =>
      changeOne(changed, async (owner, event) => {
        if (code !== event.code) throw new HttpError(400, `Type the event's code, ${event.code}, to cancel it.`);
        const isDone = await cancelEvent(db, { ...owner, reason });
        return isDone ? "The event is cancelled; its orders are being cancelled." : "The event was cancelled before.";
      }),
  };
}

/**
 * Changes fields of an event.
 *
 * @throws HttpError when there is no such event, or its times would contradict each other
 */
export async function patchEvent(
  db: Db,
  { accountId, eventCode: code, actor }: RulesOwner,
  patch: EventPatch,
): Promise<void> {
  const result = await changeEvent(db, { accountId, code, actor }, patch);
  if (result.kind === "event-not-found") throw new HttpError(404, "There is no event with this number.");
  if (result.kind === "contradiction") throw timeRefusal(result.faults);
}

/** @throws HttpError for an event that was cancelled: its sale is over for good */
export function requireAlive({ saleState }: EventRow): void {
  if (saleState === "cancelled") throw new HttpError(409, "The event is cancelled, so its sale stays as it is.");
}

/** @throws HttpError for a ticket type that the event does not have: a total would create it */
export function requireTypes({ ticketTypes }: EventRow, names: readonly string[]): void {
  const unknown = names.find((name) => !ticketTypes.some(({ ticketType }) => ticketType === name));
  if (unknown !== undefined) throw new HttpError(404, `The event has no ticket type ${unknown}.`);
}

/** "open" sets as little as it takes: a time that does not keep the sale closed stays. */
function salePatch(action: SaleAction, { salesStart, salesEnd }: EventRow, now: Date): EventPatch {
  switch (action) {
    case "pause":
      return { paused: true };
    case "resume":
      return { paused: false };
    case "close":
      return { salesEnd: now };
    case "open":
      return {
        paused: false,
        ...(salesStart !== null && salesStart > now ? { salesStart: now } : {}),
        ...(salesEnd !== null && salesEnd <= now ? { salesEnd: null } : {}),
      };
  }
}
