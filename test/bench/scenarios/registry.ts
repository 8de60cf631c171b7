// All scenarios, in the order in which they are run.
import { backlog } from "./many-events/backlog.ts";
import { besideHotEvent } from "./many-events/beside-hot-event.ts";
import { thousandEvents } from "./many-events/thousand-events.ts";
import { connections } from "./one-event/connections.ts";
import { generator } from "./one-event/generator.ts";
import { hotEvent } from "./one-event/hot-event.ts";
import { idle } from "./one-event/idle.ts";
import { oldOrders } from "./one-event/old-orders.ts";
import { openCrowd } from "./one-event/open-crowd.ts";
import { polls } from "./one-event/polls.ts";
import { replays } from "./one-event/replays.ts";
import { ruledEvent } from "./one-event/ruled-event.ts";
import { soldOut } from "./one-event/sold-out.ts";
import { cancelStorm } from "./order-life/cancel-storm.ts";
import { expiringHolds } from "./order-life/expiring-holds.ts";
import { holdConfirm } from "./order-life/hold-confirm.ts";
import type { Scenario } from "./scenario.ts";

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
  ruledEvent,
  backlog,
  openCrowd,
  holdConfirm,
  cancelStorm,
  expiringHolds,
  idle,
];
