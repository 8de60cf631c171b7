import { styleText } from "node:util";
import { type SaleSnapshot, watchSale } from "@onsale/client";
import type { Event } from "@onsale/contracts/event";
import type { Command } from "commander";
import { type ApiSource, call, pathOf, untilStopped } from "../api/call.ts";
import { list, moreOf } from "../api/list.ts";
import { eventCode, limitOption, moment, ticketStock } from "../arguments.ts";
import type { Output } from "../output/output.ts";
import { renderFields, renderTable } from "../output/table.ts";
import { count, plain, time } from "../output/text.ts";
import { addEventCancellation } from "./event-cancellation.ts";

type NewEventOptions = Readonly<{
  name: string;
  start: string;
  end: string;
  ticket?: ReturnType<typeof ticketStock>;
}>;

export type EventsNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

/** `onsale events ...` */
export function addEvents(program: Command, { api, show }: EventsNeeds): void {
  const events = program.command("events").description("the shows that sell tickets");

  events
    .command("create")
    .description("create an event, and its stock with --ticket")
    .argument("<code>", "its code, such as EVNT-JAZZ", eventCode)
    .requiredOption("--name <name>", "its name")
    .requiredOption("--start <time>", "when it begins, such as 2027-05-01T19:00:00Z", moment)
    .requiredOption("--end <time>", "when it ends", moment)
    .option("--ticket <type=total>", "stock, such as VIP=200; once per ticket type", ticketStock)
    .action(async (code: string, { name, start, end, ticket = [] }: NewEventOptions) => {
      const body = { code, name, startTime: start, endTime: end, ticketTypes: ticket };
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
    .action(async (code: string) =>
      show(await call(api(), { method: "GET", path: pathOf("events", code) }, "Event"), renderEvent),
    );

  events
    .command("watch")
    .description("watch an event's sale until Ctrl-C")
    .argument("<code>", "its code", eventCode)
    .action(async (code: string) => {
      const source = api();
      const updates = watchSale(source, code, { signal: source.stop });
      for await (const sale of untilStopped(updates, source)) show(sale, renderSale);
    });

  addEventCancellation(events, { api, show });
}

function renderSale({ at, inventory, pending, decidedPerSecond }: SaleSnapshot): string {
  const stock = inventory.map(({ ticketType, available, total }) => {
    const left = `${count(available)} of ${count(total)} left`;
    return `${ticketType} ${available === 0 ? styleText("magenta", "sold out") : styleText("green", left)}`;
  });
  const rate = `${count(pending)} pending, ${count(Math.round(decidedPerSecond))}/s decided`;
  return [styleText("dim", time(at)), ...stock, rate].join("  ");
}

function renderEvent(event: Event): string {
  const fields = renderFields([
    ["code", event.code],
    ["name", plain(event.name)],
    ["begins", time(event.startTime)],
    ["ends", time(event.endTime)],
    ["created", time(event.createdAt)],
  ]);
  const columns = [{ head: "ticket type" }, { head: "total", isFigure: true }];
  const rows = event.ticketTypes.map(({ ticketType, total }) => [ticketType, count(total)]);
  const none = "It has no tickets yet. Add some with: onsale inventory set CODE TYPE TOTAL";
  return `${fields}\n\n${renderTable(columns, rows, none)}`;
}
