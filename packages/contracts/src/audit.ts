import { type Static, Type } from "typebox";
import { KnownEventCode, Timestamp } from "./text.ts";

const AuditCheck = Type.Object({
  invariant: Type.Integer({ description: "The number of the invariant in docs/invariants.md.", examples: [2] }),
  name: Type.String({ examples: ["the quantities of held and confirmed orders add up to allocated"] }),
  ok: Type.Boolean(),
  violations: Type.Integer({ examples: [0] }),
  examples: Type.Array(Type.String(), { description: "Up to five violations, each as a sentence." }),
});
export type AuditCheck = Static<typeof AuditCheck>;

/** The answer of `GET /events/{code}/audit`, read from one snapshot. */
export const Audit = Type.Object(
  {
    eventCode: KnownEventCode,
    ok: Type.Boolean({ description: "Whether every invariant holds." }),
    checkedAt: Timestamp("When the snapshot was taken."),
    orders: Type.Object({
      total: Type.Integer(),
      pending: Type.Integer(),
      held: Type.Integer(),
      confirmed: Type.Integer(),
      rejected: Type.Integer(),
      expired: Type.Integer(),
      cancelled: Type.Integer(),
    }),
    archived: Type.Optional(
      Type.Object(
        {
          orders: Type.Integer({ description: "Orders in files, which are not counted above.", examples: [1200] }),
          digests: Type.Array(Type.String(), { description: "SHA-256 of what the files contain, the oldest first." }),
        },
        {
          description:
            "Only when orders of the event were archived. Stock is then compared with the figures of the archive; " +
            "`onsale orders archive --verify FILE` replays the decisions.",
        },
      ),
    ),
    checks: Type.Array(AuditCheck),
  },
  { $id: "Audit" },
);
export type Audit = Static<typeof Audit>;
