// The schemas of everything that the shop receives: what does not match is answered 400 and changes nothing.
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { BadRequest } from "./http.ts";

/** When the buyer of the fake provider pays. A real shop sends the buyer to the provider's page instead. */
export const Behaviour = Type.Union(
  [
    Type.Literal("in-time"),
    Type.Literal("twice"),
    Type.Literal("late"),
    Type.Literal("never"),
    Type.Literal("declined"),
  ],
  { title: "in-time, twice, late, never or declined" },
);
export type Behaviour = Static<typeof Behaviour>;

export const Money = Type.Object({ amount: Type.Integer({ minimum: 0 }), currency: Type.String() });
export type Money = Static<typeof Money>;

/** The tickets that a buyer asks for, or gives back. */
const Lines = Type.Array(
  Type.Object(
    {
      ticketType: Type.String({ pattern: "^[A-Z0-9_-]{1,32}$" }),
      quantity: Type.Integer({ minimum: 1, maximum: 10_000 }),
    },
    { additionalProperties: false },
  ),
  { minItems: 1, maxItems: 10 },
);

const accessCode = "^[A-Za-z0-9-]{6,64}$";

const Key = Type.String({ pattern: "^[\\x21-\\x7E]{1,128}$" });

/** What a browser sends to buy. It makes `key`, and repeats the request with it when there was no answer. */
const order = {
  items: Lines,
  customerRef: Type.Optional(Type.String({ pattern: "^[\\x21-\\x7E]{1,128}$" })),
  accessCode: Type.Optional(Type.String({ pattern: accessCode })),
  waitlist: Type.Optional(Type.Boolean()),
};

/** `POST /checkout`. */
export const Checkout = Type.Object({ key: Key, ...order, payment: Type.Optional(Behaviour) });

/** `POST /api/v1/orders/purchase`, as the page sends it with the SDK: for the event of this shop, and nothing else. */
export const Purchase = Type.Object({ eventCode: Type.String(), ...order }, { additionalProperties: false });

/** The headers of requests that change something once. */
export const KeyHeader = Type.Object({ "idempotency-key": Key });

/** What to cancel of an order; everything when it names no items. */
export const Cancellation = Type.Object({ items: Type.Optional(Lines) }, { additionalProperties: false });

/** How to pay in the page. */
export const NewPayment = Type.Object({ behaviour: Behaviour }, { additionalProperties: false });

/** A payment, as the provider answers it. */
export const Payment = Type.Object({
  id: Type.String(),
  /** The order that it pays for. */
  orderId: Type.String(),
  price: Money,
  status: Type.Union([Type.Literal("open"), Type.Literal("paid"), Type.Literal("declined")]),
  refundedAmount: Type.Integer(),
});
export type Payment = Static<typeof Payment>;

/** An access code that shows hidden ticket types. */
export const AccessCodeQuery = Type.Object(
  { accessCode: Type.Optional(Type.String({ pattern: accessCode })) },
  { additionalProperties: false },
);

/** What the provider receives. */
export const PaymentRequest = Type.Object({ orderId: Type.String(), price: Money, behaviour: Behaviour });
export const RefundRequest = Type.Object({ keptAmount: Type.Integer() });

/** `POST /payments`, the provider's callback. */
export const Callback = Type.Object({ paymentId: Type.String({ maxLength: 128 }) });

/** @throws BadRequest that says what does not match */
export function read<S extends TSchema>(schema: S, value: unknown): Static<S> {
  if (Value.Check(schema, value)) return value;
  const [first] = Value.Errors(schema, value);
  const where = first?.instancePath ? `${first.instancePath} ` : "";
  throw new BadRequest(`The request does not match: ${where}${first?.message ?? "it has another shape"}.`);
}
