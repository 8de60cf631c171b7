// `onsale events cancel` and `cancellation`: cancels an event, and follows how its orders are cancelled.
import { setTimeout as delay } from "node:timers/promises";
import { cancelEvent, type EventCancellation, getCancellation } from "@onsale/client";
import type { Command } from "commander";
import type { Api, ApiSource } from "../../api/call.ts";
import { eventCode } from "../../arguments.ts";
import { CommandError } from "../../output/failure.ts";
import type { Output } from "../../output/output.ts";
import { createProgress } from "../../output/progress.ts";
import { renderFields } from "../../output/table.ts";
import { count, plain, time } from "../../output/text.ts";

const pollMs = 500;

export type EventCancellationNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

export function addEventCancellation(events: Command, { api, show }: EventCancellationNeeds): void {
  events
    .command("cancel")
    .description("cancel an event and all its orders, and follow that; it cannot be undone")
    .argument("<code>", "its code", eventCode)
    .requiredOption("--reason <text>", "why, for the histories of its orders")
    .action(async (code: string, { reason }: Readonly<{ reason: string }>) => {
      const source = api();
      const begun = await cancelEvent(source, code, { reason, signal: source.stop });
      show(await follow(source, begun), renderCancellation);
    });

  events
    .command("cancellation")
    .description("follow the cancellation of an event")
    .argument("<code>", "its code", eventCode)
    .action(async (code: string) => {
      const source = api();
      show(await follow(source, await getCancellation(source, code, { signal: source.stop })), renderCancellation);
    });
}

/** Shows a bar until all orders are cancelled. */
async function follow(source: Api, begun: EventCancellation): Promise<EventCancellation> {
  const { stop } = source;
  const progress = createProgress();
  let current = begun;
  try {
    while (current.status === "running") {
      progress.show(shareOf(current), textOf(current));
      await delay(pollMs, undefined, { signal: stop });
      current = await getCancellation(source, begun.eventCode, { signal: stop });
    }
    return current;
  } catch (error) {
    if (!stop.aborted) throw error;
    throw new CommandError(
      "Stopped: the event is cancelled, and its orders are being cancelled without this command.",
      `Follow it again with: onsale events cancellation ${begun.eventCode}`,
    );
  } finally {
    progress.end();
  }
}

function shareOf({ orders: { total, cancelled } }: EventCancellation): number {
  return total === null || total === 0 ? 0 : Math.min(1, cancelled / total);
}

function textOf({ orders: { total, cancelled }, estimatedSeconds }: EventCancellation): string {
  if (total === null) return "its orders are being counted";
  const left = estimatedSeconds === undefined ? "" : `, about ${count(Math.ceil(estimatedSeconds))} s left`;
  return `${count(cancelled)} of ${count(total)} orders cancelled${left}`;
}

function renderCancellation({ eventCode, reason, startedAt, finishedAt, orders }: EventCancellation): string {
  return renderFields([
    ["event", eventCode],
    ["reason", reason === null ? "–" : plain(reason)],
    ["cancelled", time(startedAt)],
    ["done", time(finishedAt)],
    ["orders cancelled", count(orders.cancelled)],
  ]);
}
