import { type Static, Type } from "typebox";
import { currencyPattern, priceAmountMax } from "./values.ts";

/** The price of one ticket, as a request sets it. */
export const Price = Type.Object(
  {
    amount: Type.Integer({
      minimum: 0,
      maximum: priceAmountMax,
      description: "In the currency's minor unit, such as cents.",
      examples: [4500],
    }),
    currency: Type.String({ pattern: currencyPattern, description: "A code of ISO 4217.", examples: ["EUR"] }),
  },
  { additionalProperties: false },
);
export type Price = Static<typeof Price>;

/** An amount of money in answers. */
export const Money = Type.Object({
  amount: Type.Integer({ minimum: 0, description: "In the currency's minor unit, such as cents.", examples: [9000] }),
  currency: Type.String({ description: "A code of ISO 4217.", examples: ["EUR"] }),
});
export type Money = Static<typeof Money>;
