// What the transitions of orders do to tickets, as reports count them.
import type { OrderStatus } from "@onsale/contracts/order";

/** What happened to tickets. `soldFromHold` are those of `sold` that were held until then. */
export type Movement = "held" | "sold" | "soldFromHold" | "released" | "expired" | "cancelled";

export type MovingTransition = Readonly<{
  from: OrderStatus;
  to: OrderStatus;
  /** Whether the order gave some tickets back and kept others. */
  isPartial: boolean;
}>;

/** What a transition does to the tickets that it is about; nothing when it moves none. */
export function movementsOf({ from, to, isPartial }: MovingTransition): readonly Movement[] {
  const isGivenBack = isPartial || to === "CANCELLED";
  if (from === "CONFIRMED") return isGivenBack ? ["cancelled"] : [];
  if (from === "HELD") {
    if (isGivenBack) return ["released"];
    if (to === "EXPIRED") return ["expired"];
    return to === "CONFIRMED" ? ["sold", "soldFromHold"] : [];
  }
  if (to === "CONFIRMED") return ["sold"];
  return to === "HELD" ? ["held"] : [];
}
