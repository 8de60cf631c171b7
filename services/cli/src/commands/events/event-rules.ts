// `onsale events change`, `pause`, `resume` and `activity`: an event after its creation, and the rules of its sale.
import type { Activity } from "@onsale/contracts/activity";
import type { Event } from "@onsale/contracts/event";
import { orderQuantityMax } from "@onsale/contracts/values";
import { type Command, Option } from "commander";
import { type ApiSource, call, pathOf } from "../../api/call.ts";
import { list, moreOf } from "../../api/list.ts";
import { eventCode, limitOption, orNone, pool, wholeNumber } from "../../arguments.ts";
import { moment } from "../../moment.ts";
import { CommandError } from "../../output/failure.ts";
import type { Output } from "../../output/output.ts";
import { renderTable } from "../../output/table.ts";
import { plain, time } from "../../output/text.ts";

/** The rules of an event or a ticket type; `none` removes one. */
export type RuleOptions = Readonly<{
  salesStart?: string;
  salesEnd?: string;
  maxPerOrder?: number | "none";
  maxPerCustomer?: number | "none";
}>;

/** The rules that only an event has. */
export type EventRuleOptions = RuleOptions & Readonly<{ pool?: ReturnType<typeof pool> }>;

type ChangeOptions = EventRuleOptions & Readonly<{ name?: string; start?: string; end?: string }>;

export type EventRuleNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource; renderEvent: (event: Event) => string }>;

/** The options of the rules that an event and a ticket type can have. */
export function addRuleOptions(command: Command, what: string): Command {
  return command
    .addOption(
      new Option("--sales-start <time>", `from when on ${what} sold; none for at once`).argParser(orNone(moment)),
    )
    .addOption(
      new Option("--sales-end <time>", `until when ${what} sold; none for without end`).argParser(orNone(moment)),
    )
    .addOption(
      new Option("--max-per-order <count>", "the most tickets of one order; none for no limit").argParser(
        orNone(wholeNumber(1, orderQuantityMax)),
      ),
    )
    .addOption(
      new Option(
        "--max-per-customer <count>",
        "the most tickets of one customer over all their orders; none for no limit",
      ).argParser(orNone(wholeNumber(1, orderQuantityMax))),
    );
}

/** The rules as the API takes them: null removes one. */
export function rulesOf({ salesStart, salesEnd, maxPerOrder, maxPerCustomer }: RuleOptions) {
  return {
    salesStart: orNull(salesStart),
    salesEnd: orNull(salesEnd),
    maxPerOrder: orNull(maxPerOrder),
    maxPerCustomer: orNull(maxPerCustomer),
  };
}

function orNull<T>(value: T): T | null {
  return value === "none" ? null : value;
}

/** The option of an event's pools. */
export function addPoolOption(command: Command): Command {
  return command.option(
    "--pool <name=total>",
    "capacity that ticket types share, such as HALL=500; once per pool",
    pool,
  );
}

/** The commands that change an event, and its log. */
export function addEventRules(events: Command, needs: EventRuleNeeds): void {
  addChange(events, needs);
  addPause(events, needs);
  addActivity(events, needs);
}

function addChange(events: Command, { api, show, renderEvent }: EventRuleNeeds): void {
  const change = events
    .command("change")
    .description("change an event or the rules of its sale; what is not given stays")
    .argument("<code>", "its code", eventCode)
    .option("--name <name>", "its name")
    .option("--start <time>", "when it begins", moment)
    .option("--end <time>", "when it ends; its sale ends as before", moment);
  addPoolOption(addRuleOptions(change, "tickets are")).action(async (code: string, options: ChangeOptions) => {
    const { name, start, end, pool: pools, ...rules } = options;
    const body = { name, startTime: start, endTime: end, ...rulesOf(rules), pools };
    if (Object.values(body).every((value) => value === undefined)) {
      throw new CommandError(
        "There is nothing to change.",
        "Give at least one option; see: onsale events change --help",
      );
    }
    show(await call(api(), { method: "PATCH", path: pathOf("events", code), body }, "Event"), renderEvent);
  });
}

function addPause(events: Command, { api, show, renderEvent }: EventRuleNeeds): void {
  const commands = [
    ["pause", true, "refuse purchases until `resume`; holds and confirms go on"],
    ["resume", false, "accept purchases again after `pause`"],
  ] as const;
  for (const [name, paused, description] of commands) {
    events
      .command(name)
      .description(description)
      .argument("<code>", "the event's code", eventCode)
      .action(async (code: string) => {
        const request = { method: "PATCH", path: pathOf("events", code), body: { paused } } as const;
        show(await call(api(), request, "Event"), renderEvent);
      });
  }
}

function addActivity(events: Command, { api, show }: EventRuleNeeds): void {
  events
    .command("activity")
    .description("list who changed an event, its stock and its rules, the newest change first")
    .argument("<code>", "its code", eventCode)
    .addOption(limitOption())
    .action(async (code: string, { limit }: { limit: number }) =>
      show(await list(api(), { path: pathOf("events", code, "activity") }, "Activity", limit), (listed) => {
        const columns = [{ head: "at" }, { head: "by" }, { head: "what" }, { head: "changes" }];
        const rows = listed.items.map((activity) => [
          time(activity.at),
          plain(activity.actor),
          plain(activity.action),
          plain(describe(activity)),
        ]);
        return renderTable(columns, rows, "Nothing was changed since the event was created.") + moreOf(listed);
      }),
    );
}

/** The detail of an activity in one line: `STANDARD total 5 -> 6, maxPerOrder none -> 2`. */
function describe({ detail: { changes = {}, ...rest } }: Activity): string {
  const changed = Object.entries(changes).map(([field, { from, to }]) => `${field} ${textOf(from)} -> ${textOf(to)}`);
  return [...Object.values(rest).map(textOf), changed.join(", ")].join(" ");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
