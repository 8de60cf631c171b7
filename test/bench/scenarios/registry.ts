// All scenarios, in the order in which they are run.
import { backlog } from "./backlog.ts";
import { besideHotEvent } from "./beside-hot-event.ts";
import { connections } from "./connections.ts";
import { expiringHolds } from "./expiring-holds.ts";
import { generator } from "./generator.ts";
import { hotEvent } from "./hot-event.ts";
import { idle } from "./idle.ts";
import { oldOrders } from "./old-orders.ts";
import { polls } from "./polls.ts";
import { replays } from "./replays.ts";
import type { Scenario } from "./scenario.ts";
import { soldOut } from "./sold-out.ts";
import { thousandEvents } from "./thousand-events.ts";

export const scenarios: readonly Scenario[] = [
  generator,
  hotEvent,
  soldOut,
  thousandEvents,
  besideHotEvent,
  replays,
  polls,
  ...connections,
  oldOrders,
  backlog,
  expiringHolds,
  idle,
];
