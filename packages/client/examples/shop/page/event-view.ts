// The event: its name, its times, whether it is on sale, and the countdown to that.
import type { SaleEvent, SaleWindow } from "@onsale/client";
import { everyTick, serverNow } from "./clock.ts";
import { byId, setChip, setShown, setText, type Tone } from "./dom.ts";
import { formatClock, formatMinute, formatSpan, formatTickets } from "./format.ts";
import { sale } from "./sale.ts";

/** Shows the event, and keeps it up to date. */
export function startEventView(): void {
  sale.follow(({ event, window }) => {
    if (event === null || window === null) return;
    showEvent(event);
    showState(window);
  });
  everyTick(() => {
    const { window } = sale.get();
    if (window !== null) showCountdown(window);
  });
}

function showEvent(event: SaleEvent): void {
  // "Aurora Lights: Live at Harbour Hall" has a title and what is below it.
  const [title = "", ...rest] = event.name.split(": ");
  setText(byId("event-name", HTMLElement), title);
  setText(byId("event-subtitle", HTMLElement), rest.join(": "));
  setText(byId("event-when", HTMLElement), formatSpan(event.startTime, event.endTime));
  setText(byId("event-limits", HTMLElement), describeLimits(event));
}

function describeLimits({ maxPerOrder, maxPerCustomer }: SaleEvent): string {
  const limits = [
    ...(maxPerOrder === null ? [] : [`${formatTickets(maxPerOrder)} per order`]),
    ...(maxPerCustomer === null ? [] : [`${formatTickets(maxPerCustomer)} per person`]),
  ];
  return limits.length === 0 ? "" : `At most ${limits.join(", and ")}.`;
}

const states: Readonly<Record<SaleWindow["state"], readonly [string, Tone]>> = {
  scheduled: ["Soon on sale", "wait"],
  open: ["On sale", "good"],
  paused: ["Paused", "wait"],
  closed: ["Sale is over", "quiet"],
  cancelled: ["Cancelled", "bad"],
};

function showState({ state }: SaleWindow): void {
  setChip(byId("sale-state", HTMLElement), ...states[state]);
}

function showCountdown({ state, opensAt }: SaleWindow): void {
  const restMs = opensAt === null ? 0 : Date.parse(opensAt) - serverNow();
  const isCounting = state === "scheduled" && opensAt !== null;
  setShown(byId("countdown", HTMLElement), isCounting);
  if (!isCounting) return;
  setText(byId("countdown-digits", HTMLElement), formatClock(restMs));
  setText(byId("countdown-label", HTMLElement), `Sales open ${formatMinute(opensAt)}, in`);
}
