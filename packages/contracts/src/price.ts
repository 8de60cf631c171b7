import { type Static, Type } from "typebox";
import { currencyPattern, priceAmountMax } from "./values.ts";

/** An amount of money. */
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

/** The price of several tickets. */
export const Total = Type.Object({
  amount: Type.Integer({ minimum: 0, description: "In the currency's minor unit, such as cents.", examples: [9000] }),
  currency: Type.String({ description: "A code of ISO 4217.", examples: ["EUR"] }),
});
export type Total = Static<typeof Total>;
