// How often each kind of command is drawn.
import fc from "fast-check";
import type { Stack } from "../../stack/stack.ts";
import { buyCommands } from "./buy.ts";
import { changeCommands } from "./change-order.ts";
import { saleCommands } from "./change-sale.ts";
import type { ModelCommand } from "./command.ts";
import { endHoldCommands } from "./end-hold.ts";
import { faultCommand } from "./faults.ts";
import { readCommands } from "./read.ts";

/** All commands for a stack; a seed draws the same ones again as long as this stays as it is. */
export function allCommands(stack: Stack): fc.Arbitrary<ModelCommand> {
  return fc.oneof(
    { weight: 24, arbitrary: buyCommands.buy },
    { weight: 5, arbitrary: buyCommands.again },
    { weight: 3, arbitrary: buyCommands.refusedAgain },
    { weight: 2, arbitrary: buyCommands.reuseKey },
    { weight: 10, arbitrary: changeCommands.pay },
    { weight: 5, arbitrary: changeCommands.cancel },
    { weight: 6, arbitrary: changeCommands.cancelSome },
    { weight: 4, arbitrary: changeCommands.extend },
    { weight: 3, arbitrary: changeCommands.again },
    { weight: 2, arbitrary: changeCommands.reuseKey },
    { weight: 6, arbitrary: endHoldCommands.endHold },
    { weight: 3, arbitrary: readCommands.order },
    { weight: 1, arbitrary: readCommands.list },
    { weight: 5, arbitrary: saleCommands.total },
    { weight: 3, arbitrary: saleCommands.pool },
    { weight: 5, arbitrary: saleCommands.rules },
    { weight: 3, arbitrary: faultCommand(stack) },
  );
}
