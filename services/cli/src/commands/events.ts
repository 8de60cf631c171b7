import { watchSale } from "@onsale/client";
import { Event } from "@onsale/contracts/event";
import type { Command } from "commander";
import { call, pathOf } from "../api.ts";
import { eventCode, limitOption, moment, ticketStock } from "../arguments.ts";
import { list, restOf } from "../list.ts";
import type { Parts } from "../parts.ts";
import { renderFields, renderTable } from "../table.ts";
import { count, plain, time } from "../text.ts";
import { untilStopped } from "../until-stopped.ts";
import { saleLine } from "./sale-line.ts";

type NewEventOptions = Readonly<{
  name: string;
  start: string;
  end: string;
  ticket?: ReturnType<typeof ticketStock>;
}>;

/** `onsale events ...` */
export function addEvents(program: Command, parts: Parts): void {
  const { client, show } = parts;
  const events = program.command("events").description("the shows that sell tickets");

  events
    .command("create")
    .description("create an event, with its stock if you like")
    .argument("<code>", "its code, such as EVNT-JAZZ", eventCode)
    .requiredOption("--name <name>", "its name")
    .requiredOption("--start <time>", "when it begins, such as 2027-05-01T19:00:00Z", moment)
    .requiredOption("--end <time>", "when it ends", moment)
    .option("--ticket <type=total>", "stock, such as VIP=200; once per ticket type", ticketStock)
    .action(async (code: string, { name, start, end, ticket = [] }: NewEventOptions) => {
      const body = { code, name, startTime: start, endTime: end, ticketTypes: ticket };
      show(await call(client(), { method: "POST", path: "/events", body }, Event), renderEvent);
    });

  events
    .command("list")
    .description("list events, the newest first")
    .addOption(limitOption())
    .action(async ({ limit }: { limit: number }) =>
      show(await list(client(), { path: "/events" }, Event, limit), (listed) => {
        const columns = [{ head: "code" }, { head: "name" }, { head: "begins" }, { head: "tickets", isFigure: true }];
        const rows = listed.items.map((event) => [
          event.code,
          plain(event.name),
          time(event.startTime),
          count(event.ticketTypes.reduce((sum, { total }) => sum + total, 0)),
        ]);
        const none = "There are no events. Create one with: onsale events create CODE --name ... --start ... --end ...";
        return renderTable(columns, rows, none) + restOf(listed);
      }),
    );

  events
    .command("show")
    .description("show an event")
    .argument("<code>", "its code", eventCode)
    .action(async (code: string) =>
      show(await call(client(), { method: "GET", path: pathOf("events", code) }, Event), renderEvent),
    );

  events
    .command("watch")
    .description("watch an event's sale until Ctrl-C")
    .argument("<code>", "its code", eventCode)
    .action(async (code: string) => {
      for await (const sale of untilStopped(watchSale(client(), code, { signal: parts.stop }), parts.stop)) {
        show(sale, saleLine);
      }
    });
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
