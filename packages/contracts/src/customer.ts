import { type Static, Type } from "typebox";

/** The answer of `DELETE /customers/{customerRef}`. */
export const Forgotten = Type.Object(
  { orders: Type.Integer({ description: "Orders that this request erased the reference from.", examples: [3] }) },
  { $id: "Forgotten" },
);
export type Forgotten = Static<typeof Forgotten>;
