// The wire schemas of cancelled events.
import { type Static, Type } from "typebox";
import { KnownEventCode, Nullable, PlainText, Timestamp } from "./text.ts";

const reason = { description: "For the histories of its orders.", examples: ["The band is ill."] };

/** The body of `POST /events/{code}/cancel`. */
export const EventCancellationRequest = Type.Object(
  { reason: Type.Optional(PlainText(200, reason)) },
  { $id: "EventCancellationRequest", additionalProperties: false, examples: [{ reason: "The band is ill." }] },
);
export type EventCancellationRequest = Static<typeof EventCancellationRequest>;

const Count = (description: string, example: number) => Type.Integer({ minimum: 0, description, examples: [example] });

/** How far the cancellation of an event has got. */
export const EventCancellation = Type.Object(
  {
    eventCode: KnownEventCode,
    status: Type.Enum(["running", "done"], { description: "done: none of its orders has tickets any more." }),
    reason: Nullable(Type.String(reason)),
    startedAt: Timestamp("When the event was cancelled: purchases are refused from then on."),
    finishedAt: Nullable(Timestamp("When the last order was cancelled.")),
    orders: Type.Object({
      total: Nullable(Count("Orders that had tickets or waited for some; null until they are counted.", 200_000)),
      cancelled: Count("Orders of these that are cancelled, without those that buyers cancelled.", 50_000),
      remaining: Nullable(Count("Orders that are not; null until they are counted.", 150_000)),
    }),
    estimatedSeconds: Type.Optional(
      Type.Number({ minimum: 0, description: "Until it is done, at the pace so far.", examples: [45] }),
    ),
  },
  { $id: "EventCancellation" },
);
export type EventCancellation = Static<typeof EventCancellation>;
