// The states that an order went through, by its row and its history.
import type { OrderStatus } from "@onsale/contracts/order";
import type { StoredOrder } from "../facts.ts";

export type State = Readonly<{ version: number; status: OrderStatus }>;

const acceptedVersion = 1;
/** Each order has this version after its first decision. */
export const decidedVersion = 2;

/** From its acceptance to its last state. */
export function statesOf({ status, history }: StoredOrder): readonly State[] {
  const accepted: State = { version: acceptedVersion, status: "PENDING" };
  if (status === "PENDING") return [accepted];
  const decided: State = { version: decidedVersion, status: history[0]?.from ?? status };
  return [accepted, decided, ...history.map(({ version, to }) => ({ version, status: to }))];
}
