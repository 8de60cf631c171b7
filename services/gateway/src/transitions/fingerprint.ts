// What is the same for two requests with an idempotency key if and only if they ask for the same change.
import { hash } from "node:crypto";
import type { Wish } from "@onsale/database/transitions/plan";
import { sumLines } from "@onsale/domain/decide";

/** SHA-256 in hexadecimal. Neither the order of the fields and items counts, nor how items of a type are split up. */
export function fingerprintOf(wish: Wish): string {
  return hash("sha256", JSON.stringify([wish.kind, ...argumentsOf(wish)]), "hex");
}

function argumentsOf(wish: Wish): readonly unknown[] {
  switch (wish.kind) {
    case "confirm":
      return [wish.reference];
    case "cancel": {
      const items = wish.items === null ? null : sumLines(wish.items).map((line) => [line.ticketType, line.quantity]);
      return [items?.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)) ?? null, wish.reason];
    }
    case "extend":
      return [wish.holdSeconds];
  }
}
