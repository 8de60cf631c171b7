// `onsale codes ...`: the access codes of an event.
import type { AccessCode, CreatedAccessCode } from "@onsale/contracts/access-code";
import { codesMax, orderQuantityMax } from "@onsale/contracts/values";
import { type Command, Option } from "commander";
import { type ApiSource, call, pathOf } from "../../api/call.ts";
import { list, moreOf } from "../../api/list.ts";
import { accessCode, eventCode, limitOption, ticketTypes, wholeNumber } from "../../arguments.ts";
import type { Output } from "../../output/output.ts";
import { renderTable } from "../../output/table.ts";
import { count, time } from "../../output/text.ts";

type CreateOptions = Readonly<{
  types: readonly string[];
  uses: number;
  code?: string;
  count?: number;
  maxPerOrder?: number;
}>;

const usesMax = 1_000_000;

export type AccessCodesNeeds = Pick<Output, "show" | "note"> & Readonly<{ api: ApiSource }>;

/** `onsale codes ...` */
export function addAccessCodes(program: Command, needs: AccessCodesNeeds): void {
  const codes = program
    .command("codes")
    .description("access codes, which open hidden ticket types or raise the limit of an order");
  addCreate(codes, needs);
  addReading(codes, needs);
}

function addCreate(codes: Command, { api, show, note }: AccessCodesNeeds): void {
  codes
    .command("create")
    .description("make access codes; they are shown only once")
    .argument("<event>", "the event's code", eventCode)
    .requiredOption("--types <type...>", "the ticket types that a code opens", ticketTypes)
    .addOption(
      new Option("--uses <count>", "how many orders may use a code at a time")
        .default(1)
        .argParser(wholeNumber(1, usesMax)),
    )
    .addOption(new Option("--code <code>", "one code of your choice").argParser(accessCode))
    .addOption(
      new Option("--count <count>", "how many random codes to make (default: 1)")
        .argParser(wholeNumber(1, codesMax))
        .conflicts("code"),
    )
    .addOption(
      new Option(
        "--max-per-order <count>",
        "the most tickets of an order with a code, in place of the other limits per order",
      ).argParser(wholeNumber(1, orderQuantityMax)),
    )
    .action(async (event: string, { types, uses, code, count: wanted, maxPerOrder }: CreateOptions) => {
      const which = code === undefined ? { count: wanted ?? 1 } : { code };
      const body = { ...which, ticketTypes: types, maxUses: uses, maxPerOrder };
      const request = { method: "POST", path: pathOf("events", event, "access-codes"), body } as const;
      show(await call(api(), request, "CreatedAccessCodes"), renderCreated);
      note("Keep the codes: only hashes of them are stored, so they are not shown again.");
    });
}

function addReading(codes: Command, { api, show }: AccessCodesNeeds): void {
  codes
    .command("list")
    .description("list an event's access codes, the newest first, including those that are revoked")
    .argument("<event>", "the event's code", eventCode)
    .addOption(limitOption())
    .action(async (event: string, { limit }: { limit: number }) => {
      const path = pathOf("events", event, "access-codes");
      show(await list(api(), { path }, "AccessCode", limit), (listed) => renderCodes(listed.items) + moreOf(listed));
    });

  codes
    .command("revoke")
    .description("revoke an access code; orders that have tickets keep them")
    .argument("<event>", "the event's code", eventCode)
    .argument("<id>", "its id; see: onsale codes list CODE", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action(async (event: string, id: number) => {
      const request = { method: "DELETE", path: pathOf("events", event, "access-codes", String(id)) } as const;
      show(await call(api(), request, "AccessCode"), (code) => renderCodes([code]));
    });
}

/** One code a line, to be copied from there. */
function renderCreated(codes: readonly CreatedAccessCode[]): string {
  return codes.map(({ code }) => code).join("\n");
}

function renderCodes(codes: readonly AccessCode[]): string {
  const columns = [
    { head: "id", isFigure: true },
    { head: "ends with" },
    { head: "opens" },
    { head: "used", isFigure: true },
    { head: "of", isFigure: true },
    { head: "per order", isFigure: true },
    { head: "made" },
    { head: "revoked" },
  ];
  const rows = codes.map(({ id, hint, ticketTypes: types, used, maxUses, maxPerOrder, createdAt, revokedAt }) => [
    String(id),
    hint ?? "",
    types.join(" "),
    count(used),
    count(maxUses),
    maxPerOrder === null ? "" : count(maxPerOrder),
    time(createdAt),
    revokedAt === null ? "" : time(revokedAt),
  ]);
  return renderTable(
    columns,
    rows,
    "The event has no access codes. Make some with: onsale codes create CODE --types TYPE",
  );
}
