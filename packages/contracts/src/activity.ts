// The wire schemas of an event's activity log.
import { type Static, Type } from "typebox";
import { Page } from "./page.ts";
import { Ref, Timestamp } from "./text.ts";

const FieldChange = Type.Object({ from: Type.Unknown(), to: Type.Unknown() });

/** One change of an event or of its rules. */
export const Activity = Type.Object(
  {
    at: Timestamp("When it was changed."),
    actor: Type.String({ description: "Who changed it.", examples: ["api"] }),
    action: Type.String({ description: "What was done.", examples: ["event-changed"] }),
    detail: Type.Object(
      { changes: Type.Optional(Type.Record(Type.String(), FieldChange)) },
      {
        additionalProperties: true,
        description: "What was changed: of each field that changed, `changes` has the value before and after.",
        examples: [{ changes: { paused: { from: false, to: true } } }],
      },
    ),
  },
  { $id: "Activity" },
);
export type Activity = Static<typeof Activity>;

export const ActivityPage = Page("ActivityPage", Ref(Activity));
export type ActivityPage = Static<typeof ActivityPage>;
