// The wire schemas of access codes.
import { type Static, Type } from "typebox";
import { AccessCodeText } from "./order.ts";
import { Page } from "./page.ts";
import { KnownTicketType, Nullable, Ref, TicketType, Timestamp } from "./text.ts";
import { codesMax, orderQuantityMax, ticketTypesMax } from "./values.ts";

const usesMax = 1_000_000;

/** The body of `POST /events/{code}/access-codes`: `code`, or `count` for codes that are made up. */
export const NewAccessCodes = Type.Object(
  {
    code: Type.Optional(
      Type.Unsafe<string>({ ...AccessCodeText, description: "Letters of either case are the same." }),
    ),
    count: Type.Optional(
      Type.Integer({ minimum: 1, maximum: codesMax, description: "How many codes to make.", examples: [100] }),
    ),
    ticketTypes: Type.Array(TicketType, {
      minItems: 1,
      maxItems: ticketTypesMax,
      description: "The ticket types that a code opens, when they are hidden, and that its maxPerOrder is for.",
    }),
    maxUses: Type.Integer({
      minimum: 1,
      maximum: usesMax,
      description: "How many orders may use a code at a time; a use comes back when its order ends.",
      examples: [1],
    }),
    maxPerOrder: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: orderQuantityMax,
        description:
          "The most tickets of these types in an order with the code, in place of the event's and the types' own limits.",
        examples: [6],
      }),
    ),
  },
  {
    $id: "NewAccessCodes",
    additionalProperties: false,
    examples: [{ count: 2, ticketTypes: ["FANCLUB"], maxUses: 1, maxPerOrder: 6 }],
  },
);
export type NewAccessCodes = Static<typeof NewAccessCodes>;

const accessCodeFields = {
  id: Type.Integer({ examples: [17] }),
  hint: Nullable(
    Type.String({ description: "Its last characters; null for a code of less than 12.", examples: ["H3NC"] }),
  ),
  ticketTypes: Type.Array(KnownTicketType),
  maxUses: Type.Integer({ examples: [1] }),
  used: Type.Integer({ description: "Orders that use it.", examples: [0] }),
  maxPerOrder: Nullable(Type.Integer({ examples: [6] })),
  createdAt: Timestamp("When it was made."),
  revokedAt: Nullable(Timestamp("When it was revoked.")),
};

/** A code in lists: only a hash of it is stored. */
export const AccessCode = Type.Object(accessCodeFields, { $id: "AccessCode" });
export type AccessCode = Static<typeof AccessCode>;

/** A new code; this is the only answer that has it. */
export const CreatedAccessCode = Type.Object(
  { ...accessCodeFields, code: Type.String({ examples: ["K7QX-2M9R-TB4W-H3NC"] }) },
  { $id: "CreatedAccessCode" },
);
export type CreatedAccessCode = Static<typeof CreatedAccessCode>;

export const AccessCodePage = Page("AccessCodePage", Ref(AccessCode));
