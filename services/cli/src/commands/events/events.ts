import { styleText } from "node:util";
import { type SaleSnapshot, watchSale } from "@onsale/client";
import type { SalesInterval } from "@onsale/contracts/books";
import type { Event } from "@onsale/contracts/event";
import { type Command, Option } from "commander";
import { type ApiSource, call, callWithHidden, pathOf, untilStopped } from "../../api/call.ts";
import { list, moreOf } from "../../api/list.ts";
import { eventCode, limitOption, ticketStock } from "../../arguments.ts";
import { moment } from "../../moment.ts";
import type { Output } from "../../output/output.ts";
import { renderSales } from "../../output/sales.ts";
import { renderFields, renderTable } from "../../output/table.ts";
import { count, plain, time } from "../../output/text.ts";
import { addEventCancellation } from "./event-cancellation.ts";
import { addEventRules, addPoolOption, addRuleOptions, type EventRuleOptions, rulesOf } from "./event-rules.ts";

type NewEventOptions = Readonly<{
  name: string;
  start: string;
  end: string;
  ticket?: ReturnType<typeof ticketStock>;
}> &
  EventRuleOptions;

type SalesOptions = Readonly<{ interval: SalesInterval; since?: string; until?: string }>;

export type EventsNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

/** `onsale events ...` */
export function addEvents(program: Command, { api, show }: EventsNeeds): void {
  const events = program.command("events").description("the shows that sell tickets");

  const create = events
    .command("create")
    .description("create an event, and its stock with --ticket")
    .argument("<code>", "its code, such as EVNT-JAZZ", eventCode)
    .requiredOption("--name <name>", "its name")
    .requiredOption(
      "--start <time>",
      "when it begins, such as 2027-05-01T19:00:00Z, or 2027-05-01T19:00 in your time zone",
      moment,
    )
    .requiredOption("--end <time>", "when it ends", moment)
    .option("--ticket <type=total>", "stock, such as VIP=200; once per ticket type", ticketStock);
  addPoolOption(addRuleOptions(create, "tickets are")).action(async (code: string, options: NewEventOptions) => {
    const { name, start, end, ticket = [], pool: pools, ...rules } = options;
    const body = { code, name, startTime: start, endTime: end, ...rulesOf(rules), pools, ticketTypes: ticket };
    show(await call(api(), { method: "POST", path: "/events", body }, "Event"), renderEvent);
  });

  events
    .command("list")
    .description("list events, the newest first")
    .addOption(limitOption())
    .action(async ({ limit }: { limit: number }) =>
      show(await list(api(), { path: "/events" }, "Event", limit), (listed) => {
        const columns = [{ head: "code" }, { head: "name" }, { head: "begins" }, { head: "tickets", isFigure: true }];
        const rows = listed.items.map((event) => [
          event.code,
          plain(event.name),
          time(event.startTime),
          count(event.ticketTypes.reduce((sum, { total }) => sum + total, 0)),
        ]);
        const none = "There are no events. Create one with: onsale events create CODE --name ... --start ... --end ...";
        return renderTable(columns, rows, none) + moreOf(listed);
      }),
    );

  events
    .command("show")
    .description("show an event")
    .argument("<code>", "its code", eventCode)
    .action(async (code: string) => {
      show(await callWithHidden(api(), pathOf("events", code), "Event"), renderEvent);
    });

  events
    .command("watch")
    .description("watch an event's sale until Ctrl-C")
    .argument("<code>", "its code", eventCode)
    .action(async (code: string) => {
      const source = api();
      const updates = watchSale(source, code, { signal: source.stop });
      for await (const sale of untilStopped(updates, source)) show(sale, renderSale);
    });

  addSales(events, { api, show });
  addEventRules(events, { api, show, renderEvent });
  addEventCancellation(events, { api, show });
}

function addSales(events: Command, { api, show }: EventsNeeds): void {
  events
    .command("sales")
    .description("show what an event sold, by ticket type and time")
    .argument("<code>", "its code", eventCode)
    .addOption(new Option("--interval <name>", "the steps of time").choices(["minute", "hour", "day"]).default("hour"))
    .option("--since <time>", "only what happened at this time or later", moment)
    .option("--until <time>", "only what happened before this time", moment)
    .action(async (code: string, { interval, since: from, until: to }: SalesOptions) => {
      const path = pathOf("events", code, "sales");
      show(await call(api(), { method: "GET", path, query: { interval, from, to } }, "SalesReport"), renderSales);
    });
}

function renderSale({ at, sale, inventory, pending, decidedPerSecond }: SaleSnapshot): string {
  const stock = inventory.map(({ ticketType, available, total }) => {
    const left = `${count(available)} of ${count(total)} left`;
    return `${ticketType} ${available === 0 ? styleText("magenta", "sold out") : styleText("green", left)}`;
  });
  const rate = `${count(pending)} pending, ${count(Math.round(decidedPerSecond))}/s decided`;
  return [styleText("dim", time(at)), ...renderState(sale), ...stock, rate].join("  ");
}

/** Nothing for a sale that is open: that is the usual case. */
function renderState({ state, opensAt }: SaleSnapshot["sale"]): string[] {
  if (state === "open") return [];
  const text = state === "scheduled" && opensAt !== null ? `opens ${time(opensAt)}` : state;
  return [styleText("yellow", text)];
}

function renderEvent(event: Event): string {
  const fields = renderFields([
    ["code", event.code],
    ["name", plain(event.name)],
    ["begins", time(event.startTime)],
    ["ends", time(event.endTime)],
    ["created", time(event.createdAt)],
    ["sale", renderWindow(event)],
    ["per order", renderLimit(event.maxPerOrder)],
    ["per customer", renderLimit(event.maxPerCustomer)],
    ["pools", event.pools.length === 0 ? "none" : event.pools.map(renderPool).join(", ")],
  ]);
  const columns = [{ head: "ticket type" }, { head: "total", isFigure: true }, { head: "rules" }];
  const rows = event.ticketTypes.map((type) => [type.ticketType, count(type.total), renderRules(type)]);
  const none = "It has no tickets yet. Add some with: onsale inventory set CODE TYPE TOTAL";
  return `${fields}\n\n${renderTable(columns, rows, none)}`;
}

function renderLimit(tickets: number | null): string {
  return tickets === null ? "no limit" : `up to ${count(tickets)} ${tickets === 1 ? "ticket" : "tickets"}`;
}

function renderPool({ name, total, available }: Event["pools"][number]): string {
  return `${name} ${count(available)} of ${count(total)} left`;
}

function renderWindow({ sale: { state, opensAt, closesAt } }: Event): string {
  return [state, ...renderTimes(opensAt, closesAt)].join(", ");
}

function renderRules(type: Event["ticketTypes"][number]): string {
  const { salesStart, salesEnd, maxPerOrder, maxPerCustomer, pools = [], visibility } = type;
  return [
    ...renderTimes(salesStart ?? null, salesEnd ?? null),
    ...(maxPerOrder === undefined ? [] : [`up to ${count(maxPerOrder)} per order`]),
    ...(maxPerCustomer === undefined ? [] : [`up to ${count(maxPerCustomer)} per customer`]),
    ...(pools.length === 0 ? [] : [`draws on ${pools.join(" and ")}`]),
    ...(visibility === "code" ? ["with an access code only"] : []),
  ].join(", ");
}

function renderTimes(start: string | null, end: string | null): string[] {
  return [...(start === null ? [] : [`from ${time(start)}`]), ...(end === null ? [] : [`until ${time(end)}`])];
}
